// The result of a request: the verdict, the reason, and the exchange.

import {byId, draw, make, terms} from "./dom.js";

let drawings = [];
let drawn = null;
new ResizeObserver(redraw).observe(byId("diagram"));

export function show(found) {
  byId("verdict").replaceChildren(verdict(found));
  byId("why").replaceChildren(...why(found));
  byId("caption").textContent =
    `The exchange, for a page of ${found.page.origin} (${found.page.engine})`;
  byId("messages").replaceChildren(
    ...found.messages.map((message) => make("li", {}, make("pre", {}, message))),
  );
  byId("checks").replaceChildren(...found.steps.map(check));
  byId("exchange").hidden = false;
  drawings = found.drawings;
  redraw();
}

/** Show the widest diagram that there is room for. */
function redraw() {
  const place = byId("diagram");
  const fitting = drawings.filter((each) => each.width <= place.clientWidth);
  const best = fitting.at(-1) ?? drawings[0];
  if (!best || best === drawn) return;
  draw(place, best.svg);
  drawn = best;
  place.firstElementChild.setAttribute("aria-details", "messages");
}

/** Show that there is nothing to show. */
export function clear(...instead) {
  byId("verdict").replaceChildren(...instead);
  byId("why").replaceChildren();
  byId("comparison").replaceChildren();
  byId("exchange").hidden = true;
}

/** Bring the result into sight, where it is out of it: below the form, on a phone. */
export function reveal() {
  const top = byId("result").getBoundingClientRect().top;
  if (top < 0 || top > innerHeight * 0.6) byId("result").scrollIntoView();
}

function verdict(found) {
  const word = found.allowed ? "Allowed." : "Blocked.";
  const text = found.verdict.replace(/^Blocked \(([^)]*)\): /, "");
  return make(
    "p",
    {class: `verdict ${found.allowed ? "ok" : "failed"}`},
    make("strong", {}, `${found.allowed ? "✓" : "✗"} ${word}`),
    ` ${text}`,
  );
}

function why(found) {
  const shown = [];
  const diagnosis = found.diagnosis;
  if (diagnosis) {
    const cause = make("dd", {}, make("code", {}, diagnosis.cause), ` ${diagnosis.found}`);
    const list = make("dl", {}, make("dt", {}, found.allowed ? "But" : "Why"), cause);
    diagnosis.fixes.forEach((fix, number) => {
      list.append(make("dt", {}, number ? "Or" : "Fix"), make("dd", {}, fixed(fix)));
    });
    for (const problem of diagnosis.refused) {
      list.append(make("dt", {}, "But not"), make("dd", {}, problem.text));
    }
    shown.push(list);
  }
  const notes = found.notes.map((note) => ["Note", noted(note)]);
  const server = found.servers.at(-1);
  if (server?.policy) notes.push(["Policy", server.policy]);
  if (server?.error) notes.push(["Error", make("code", {}, server.error)]);
  if (notes.length) shown.push(terms(notes));
  return shown;
}

/** A fix for the origin of this page helps no other page. */
function fixed(fix) {
  if (!fix.text.includes(location.origin)) return fix.text;
  return `${fix.text} Only for “Try in this browser”: your own pages have another origin.`;
}

function noted(note) {
  const fix = note.fix?.text ?? "";
  return fix && fix !== note.text ? `${note.text} ${fix}` : note.text;
}

function check(step) {
  const mark = make("span", {class: step.passed ? "mark" : "mark failed"},
                    step.passed ? "✓ passed: " : "✗ failed: ");
  const link = make("a", {href: step.section, rel: "noreferrer", target: "_blank"},
                    "the rule");
  const item = make("li", {}, mark, `${step.text} (`, link, "). ");
  if (!step.passed) item.append(step.found);
  return item;
}
