// The same request, made by this browser from this page: beside what the model says.

import {make, terms} from "./dom.js";

const TIMEOUT = 20_000;
// What a server adds, and a model that uses no socket does not see.
const OF_THE_SERVER = new Set(["connection", "content-length", "date", "keep-alive",
                               "server", "transfer-encoding"]);

/** Return the name of this browser's engine, as the model knows it. */
export function ownEngine() {
  const agent = navigator.userAgent;
  if (/Chrom(e|ium)\//.test(agent)) return "chromium";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/AppleWebKit\//.test(agent)) return "webkitgtk";
  return "standard";
}

/** Make a request; return what a page gets, the error included. */
export async function really(init) {
  let stopped = null;
  const note = (event) => { stopped = event.blockedURI; };
  document.addEventListener("securitypolicyviolation", note);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    const {url, ...rest} = init;
    // "no-store": no preflight or response that is remembered shall stand in the way.
    const response = await fetch(url, {...rest, cache: "no-store", signal: abort.signal});
    const names = [...response.headers.keys()].sort();
    const text = await response.text().catch((error) => String(error));
    return {allowed: true, status: response.status, names, text};
  } catch (error) {
    const why = abort.signal.aborted ? `no answer within ${TIMEOUT / 1000} seconds` : String(error);
    return {allowed: false, why, stopped};
  } finally {
    clearTimeout(timer);
    document.removeEventListener("securitypolicyviolation", note);
  }
}

/** Return both results, side by side, and whether they agree. */
export function compared(model, real, serves) {
  const differences = differing(model, real);
  const agree = differences.length === 0;
  const box = make("div", {},
    make("h3", {}, `From this page: ${location.origin}`),
    make("p", {class: `verdict ${agree ? "ok" : "failed"}`},
      make("strong", {}, agree ? "✓ Model and browser agree." : "✗ Model and browser differ.")),
    terms([
      ["Model", `as ${model.page.engine}: ${model.verdict}`],
      ["Browser", ...told(real)],
      ...differences.map((text) => ["Differs", text]),
    ]));
  box.append(make("p", {class: "hint"}, meaning(agree, serves)));
  return box;
}

function told(real) {
  if (!real.allowed) {
    const why = real.why.replace(/\.$/, "");
    const said = [`${why}. A page is told no more; the console of this browser says why.`];
    if (real.stopped) {
      said.push(` This page's own Content-Security-Policy stopped it on its way to ${real.stopped}: CORS has no part in that.`);
    }
    return said;
  }
  const names = real.names.length ? `It can read: ${real.names.join(", ")}.` : "It can read no header.";
  const said = [`The page reads the response (${real.status}). ${names}`];
  if (real.text) said.push(make("pre", {class: "body"}, real.text.slice(0, 300)));
  return said;
}

function differing(model, real) {
  if (model.allowed !== real.allowed) {
    return [model.allowed ? "the model lets it through, the browser does not"
                          : "the browser lets it through, the model does not"];
  }
  if (!real.allowed) return [];
  const found = [];
  if (model.readable.status !== real.status) {
    found.push(`the status is ${model.readable.status} for the model, ${real.status} for the `
      + "browser: has the first request changed something, or has it other cookies?");
  }
  const expected = model.readable.headers.map(([name]) => name.toLowerCase());
  const names = difference(expected, real.names);
  if (names.length) found.push(`only one of them can read ${names.join(", ")}`);
  return found;
}

/** Return what is in one list and not in the other, but for what servers add. */
function difference(one, other) {
  const odd = [...one.filter((name) => !other.includes(name)),
               ...other.filter((name) => !one.includes(name))];
  return [...new Set(odd)].filter((name) => !OF_THE_SERVER.has(name)).sort();
}

function meaning(agree, serves) {
  const origin = "A browser always sends the page's true origin, which is this page's here: "
    + "the origin in the form has no part in it. To be allowed, this one must be listed.";
  if (agree) return origin;
  const where = serves ? "" : "The running server may have other code than is on disk, or a "
    + "proxy in front of it. ";
  return `${where}An extension of the browser, or a permission that it asks for, may be the `
    + `reason, too. ${origin}`;
}
