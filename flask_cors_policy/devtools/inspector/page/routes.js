// Routes and their policies.

import {byId, make, terms} from "./dom.js";

/** Show the routes; *choose* is called with the one that somebody wants to try. */
export function showRoutes(routes, choose) {
  const open = new Set(
    [...byId("routes").querySelectorAll("details[open]")].map((each) => each.dataset.key),
  );
  byId("routes").replaceChildren(...routes.map((route) => item(route, choose, open)));
}

function item(route, choose, open) {
  const key = `${route.host} ${route.rule} ${route.methods} ${route.path_rule}`;
  const title = route.endpoint
    ? [make("strong", {}, route.methods.join(", ") || "any"), " ", make("code", {}, route.host + route.rule)]
    : [make("strong", {}, "any other path"), " ", make("code", {}, route.rule)];
  const details = make("details", {"data-key": key, open: open.has(key) && ""},
    make("summary", {}, ...title, summary(route)),
    make("div", {}, facts(route), tryButton(route, title, choose)));
  return make("li", {}, details);
}

function summary(route) {
  const policy = route.policy;
  if (!policy) return make("span", {class: "what notable"}, `no policy: ${route.from}`);
  const names = policy.origins.map(originOf);
  const any = names.includes("*");
  const first = names.slice(0, 2).join(", ");
  const more = policy.origins.length > 2 ? ` and ${policy.origins.length - 2} more` : "";
  const origins = any ? "every origin" : first + more || "no origin";
  const sends = policy.supports_credentials || policy.origins.some((item) =>
    Array.isArray(item) && item.at(-1).supports_credentials);
  const credentials = sends ? ", with credentials" : "";
  return make("span", {class: any ? "what notable" : "what"}, origins + credentials);
}

/** Return an item of origins without options; with a name, that is its first part. */
function originOf(item) {
  return Array.isArray(item) ? item[0] : item;
}

/** Return an item of origins as text, with the options that it has of its own. */
function originText(item) {
  if (!Array.isArray(item)) return item;
  const own = Object.entries(item.at(-1)).map(([option, value]) => `${option} ${value}`);
  return originOf(item) + (own.length ? ` (${own.join("; ")})` : "");
}

function facts(route) {
  const pairs = [["From", route.from]];
  const outer = route.sources.slice(0, -1).reverse();
  if (outer.length) pairs.push(["Inside of", outer.join(", ")]);
  if (route.path_rule) pairs.push(["Path rule", make("code", {}, route.path_rule)]);
  if (route.policy) {
    for (const [option, value] of Object.entries(route.policy)) {
      const texts = option === "methods" && route.derives_methods
        ? ["those of the URL's routes"] : shown(option, value);
      const place = route.written[option] ?? null;
      if (texts.length) pairs.push([term(option, place), list(texts)]);
    }
  }
  return terms(pairs);
}

/** Return a value as texts; none for what says nothing. */
function shown(option, value) {
  const usual = {enforce: false, timing_allow_origin: false, preflight_status: 204};
  if (option in usual && value === usual[option]) return [];
  if (Array.isArray(value)) {
    if (option === "origins") return value.map(originText);
    if (value.length || option === "accept_risks") return value;
    return ["none"];
  }
  if (option === "max_age") return [value === null ? "not sent (browsers keep it 5 s)" : `${value} s`];
  return [value === true ? "yes" : value === false ? "no" : String(value)];
}

/** Return the name of an option, with where it is written. */
function term(option, place) {
  return make("span", {}, option, place && place !== option ? ` (${place})` : "");
}

function list(texts) {
  return make("ul", {}, ...texts.map((text) => make("li", {}, make("code", {}, text))));
}

function tryButton(route, title, choose) {
  const name = title.map((part) => part.textContent ?? part).join("");
  const button = make("button", {type: "button", class: "second",
                                 "aria-label": `Fill in the form for ${name}`}, "Fill in the form");
  button.addEventListener("click", () => choose(route));
  return button;
}
