// What became of a case.

import {byId, make} from "./dom.js";

/** Show an answer: mistakes of the policy, or what each engine makes of the request. */
export function show(answer) {
  byId("result").hidden = false;
  byId("exchange").hidden = !answer.engines;
  if (answer.mistakes) showMistakes(answer.mistakes);
  else showEngines(answer);
}

export function clear() {
  byId("result").hidden = true;
}

function showMistakes(mistakes) {
  const count = mistakes.length;
  const text = `The policy has ${count} mistake${count === 1 ? "" : "s"}. `
    + "The application reports it at startup.";
  byId("verdict").replaceChildren(make("p", {class: "verdict failed"}, `✗ ${text}`));
  byId("why").replaceChildren(...mistakes.map(mistake));
}

function mistake({setting, message, hint, reason}) {
  const box = make("div", {class: "mistake"});
  if (setting) box.append(make("p", {class: "setting"}, make("code", {}, setting)));
  box.append(make("p", {}, message), make("p", {class: "fix"}, hint));
  if (reason) box.append(make("p", {class: "code"}, make("code", {}, reason)));
  return box;
}

function showEngines({engines, warnings}) {
  const standard = engines[0];
  byId("verdict").replaceChildren(verdict(engines));
  byId("why").replaceChildren(
    ...cause(standard), ...warnings.map(mistake), make("h3", {}, "Browsers"), table(engines));
  const select = byId("engine");
  select.replaceChildren(...engines.map(({engine, name}) => make("option", {value: engine}, name)));
  select.onchange = () => draw(engines.find(({engine}) => engine === select.value));
  draw(standard);
}

function verdict(engines) {
  const allowed = engines.filter((each) => each.allowed).length;
  if (allowed === engines.length) {
    return make("p", {class: "verdict ok"}, `✓ ${engines[0].verdict}`);
  }
  const where = allowed ? " in some browsers" : "";
  return make("p", {class: "verdict failed"}, `✗ The page may not read the response${where}.`);
}

/** Return what each engine does; the causes only where they differ. */
function table(engines) {
  const differ = new Set(engines.map((each) => each.cause)).size > 1;
  const rows = engines.map(({name, allowed, cause: code}) => {
    const row = make("tr", {},
      make("th", {scope: "row"}, name),
      make("td", {class: allowed ? "ok" : "failed"}, allowed ? "✓ may read" : "✗ blocked"));
    if (differ) row.append(make("td", {}, code ? make("code", {}, code) : ""));
    return row;
  });
  const names = differ ? ["Browser", "The page", "Cause"] : ["Browser", "The page"];
  const head = names.map((text) => make("th", {scope: "col"}, text));
  return make("div", {class: "table-wrapper"},
    make("table", {class: "engines"}, make("thead", {}, make("tr", {}, ...head)),
         make("tbody", {}, ...rows)));
}

/** Return cause, fixes and notes. */
function cause({cause: code, found, fixes, notes}) {
  const shown = [];
  if (code) {
    shown.push(make("h3", {}, "Cause"), make("p", {id: "found"}, found),
               make("p", {class: "code"}, make("code", {id: "cause"}, code)));
  }
  if (fixes.length) {
    const items = fixes.map((text) => make("li", {}, text));
    shown.push(make("h3", {}, fixes.length > 1 ? "Fixes: one of these" : "Fix"),
               make("ul", {id: "fixes"}, ...items));
  }
  if (notes.length) {
    shown.push(make("h3", {}, "Notes"),
               make("ul", {id: "notes"}, ...notes.map((text) => make("li", {}, text))));
  }
  return shown;
}

const ARROWS = {page: 0, browser: 1, server: 2};

function draw({sequence, checks}) {
  byId("steps").replaceChildren(...sequence.entries.map((entry) => step(entry, sequence)));
  byId("checks").replaceChildren(...checks.map(check));
}

function step(entry, {page, server}) {
  const named = (lane) => ({page, server}[lane] ? `${lane} ${{page, server}[lane]}` : lane);
  const back = ARROWS[entry.to] < ARROWS[entry.from];
  const classes = ["step", entry.kind, `from-${entry.from}`, `to-${entry.to}`];
  if (entry.failed) classes.push("failed");
  const item = make("li", {class: classes.join(" ")});
  if (entry.kind === "message") {
    const [left, right] = back ? [entry.to, entry.from] : [entry.from, entry.to];
    item.append(make("div", {class: back ? "arrow back" : "arrow", "aria-hidden": "true"},
                     make("span", {}, left), make("i"), make("span", {}, right)),
                make("span", {class: "spoken"}, `From the ${named(entry.from)} to the ${named(entry.to)}: `));
  } else {
    item.append(make("span", {class: "spoken"}, `In the ${entry.from}: `));
  }
  const mark = entry.kind === "note" && entry.from === "browser" ? (entry.failed ? "✗ " : "✓ ") : "";
  item.append(make("strong", {}, mark + entry.title));
  if (entry.lines.length) item.append(make("pre", {}, entry.lines.join("\n")));
  if (entry.more) {
    item.append(make("p", {class: "more"}, `and ${entry.more} more header${entry.more === 1 ? "" : "s"}`));
  }
  return item;
}

function check({text, section, passed, found}) {
  const link = make("a", {href: section, rel: "noreferrer", target: "_blank"}, "the rule");
  const item = make("li", {class: passed ? "ok" : "failed"},
                    passed ? "✓ " : "✗ ", text, " (", link, ")");
  if (!passed) item.append(make("p", {}, found));
  return item;
}
