// The form: who asks for what.

import {byId, make} from "./dom.js";

const form = byId("form");
const EXACT = /^https?:\/\/[^*]+$/;

/** Return what is filled in, field by field. */
export function filledIn() {
  return Object.fromEntries(new FormData(form));
}

/** Show what is wrong with a field, and go there. */
export function showMistake(name, text) {
  clearMistakes();
  const field = form.elements.namedItem(name);
  const id = `${name}-error`;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.after(make("p", {class: "error", id}, text));
  field.focus();
}

export function clearMistakes() {
  for (const error of form.querySelectorAll(".error")) error.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

/** Offer what the application has: its paths, the origins of its policies, engines. */
export function offer(state) {
  const origins = new Set([location.origin, "https://not-listed.example", "null"]);
  for (const route of state.routes) {
    for (const origin of (route.policy?.origins ?? []).flat()) {
      if (EXACT.test(origin)) origins.add(origin);
    }
  }
  const paths = new Set(state.routes.map(samplePath));
  options("origins", origins);
  options("paths", paths);
  const engine = form.elements.namedItem("engine");
  const chosen = engine.value;
  engine.replaceChildren(
    ...Object.entries(state.engines).map(([value, name]) => make("option", {value}, name)),
  );
  engine.value = chosen in state.engines ? chosen : "standard";
}

/** Fill in what asks for a route, for somebody who has chosen it. */
export function choose(route) {
  fillIn(route);
  clearMistakes();
  form.elements.namedItem("origin").focus();
}

/** Fill in something to begin with: the first route that has a policy. */
export function begin(routes) {
  const served = routes.filter((route) => route.endpoint && route.endpoint !== "static");
  const first = served.find((route) => route.policy) ?? served[0];
  if (first) fillIn(first);
}

/** Fill in a route's first method, or GET, and an origin that its policy lists. */
function fillIn(route) {
  const {methods, policy} = route;
  const known = (policy?.origins ?? []).flat().find((origin) => EXACT.test(origin));
  form.elements.namedItem("path").value = samplePath(route);
  form.elements.namedItem("method").value = methods.includes("GET") ? "GET" : methods[0] ?? "GET";
  if (known) form.elements.namedItem("origin").value = known;
}

const SAMPLES = {int: "1", float: "1.5", uuid: "00000000-0000-0000-0000-000000000000"};

/** Return a path that a route may serve: "/items/<int:item>" has "/items/1". */
export function samplePath(route) {
  const path = route.rule.replace(
    /<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>/g,
    (whole, converter, argument, name) => {
      if (converter === "any") return argument.split(",")[0].trim();
      return SAMPLES[converter] ?? name;
    },
  );
  return path.replace(/\*$/, "nothing-here") || "/nothing-here";
}

function options(id, values) {
  byId(id).replaceChildren(...[...values].map((value) => make("option", {value})));
}
