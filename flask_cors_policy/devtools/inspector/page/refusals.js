// What the running application has refused, newest first.

import {byId, make} from "./dom.js";

const MOST = 100;

/** Add refusals; return the number of the last one. */
export function addRefusals(refusals, last) {
  const list = byId("refusals");
  for (const refusal of refusals) {
    list.prepend(item(refusal));
    last = Math.max(last, refusal.number);
  }
  while (list.children.length > MOST) list.lastElementChild.remove();
  byId("no-refusals").hidden = list.children.length > 0;
  return last;
}

/** Say why there will be none. */
export function noRefusals(text) {
  byId("no-refusals").textContent = text;
}

function item(refusal) {
  const time = new Date(refusal.time * 1000);
  return make("li", {},
    make("time", {datetime: time.toISOString()}, time.toLocaleTimeString()), " ",
    make("strong", {}, refusal.reason), " ",
    refusal.text.replace(/^CORS refused \([^)]*\): /, ""));
}
