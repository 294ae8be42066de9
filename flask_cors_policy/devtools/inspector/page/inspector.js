// The page as a whole: asks the server, and shows what it says.

import {compared, ownEngine, really} from "./comparing.js";
import {byId, make} from "./dom.js";
import {begin, choose, clearMistakes, filledIn, offer, showMistake} from "./form.js";
import {addRefusals, noRefusals} from "./refusals.js";
import {clear, reveal, show} from "./result.js";
import {showRoutes} from "./routes.js";
import {explain, getNews, getState} from "./server.js";

const INTERVAL = 1500;

let state = {generation: 0, serves: true};
let lastRefusal = 0;
let busy = false;

/** Show the application as it is now. */
async function load() {
  const before = state.generation;
  state = await getState();
  const where = state.serves ? "served by the inspector at" : "running at";
  byId("application").textContent = `${state.name ?? "The application"}, ${where} ${state.api}`;
  showTrouble(state.text ?? state.problem ?? "", state.frames ?? []);
  offer(state);
  showRoutes(state.routes, choose);
  if (!before) begin(state.routes);
  byId("loaded").textContent = before && state.kind !== "failed"
    ? `Loaded again at ${new Date().toLocaleTimeString()}, because a file has changed.` : "";
  if (!state.serves) {
    noRefusals("Refusals are in the log of the process that runs the application: "
      + "let the inspector run it to see them here.");
  }
}

function showTrouble(text, frames) {
  const box = byId("trouble");
  box.hidden = text === "";
  if (text === "") return box.replaceChildren();
  const title = make("h2", {}, "The application cannot be loaded");
  box.replaceChildren(title, make("pre", {}, [text, ...frames.map((frame) => `  ${frame}`)].join("\n")));
}

/** Ask the model about a form; show it unless a field is wrong. */
async function ask(form) {
  const found = await explain(form);
  if (found.problem === undefined) {
    show(found);
    return found;
  }
  clear(make("p", {class: "verdict failed"}, found.problem));
  if (found.field) showMistake(found.field, found.problem);
  return null;
}

async function explainForm() {
  byId("comparison").replaceChildren();
  if (await ask(filledIn())) reveal();
}

/** Let the model and this browser make one request, from this page's own origin. */
async function compareForm() {
  byId("comparison").replaceChildren();
  const model = await ask({...filledIn(), origin: location.origin, engine: ownEngine()});
  if (model === null) return;
  const real = await really(model.fetch);
  byId("comparison").replaceChildren(compared(model, real, state.serves));
  reveal();
}

/** Let one thing happen after another, and say so meanwhile. */
async function alone(action) {
  if (busy) return;
  busy = true;
  clearMistakes();
  const buttons = [byId("explain"), byId("compare")];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  try {
    await action();
  } catch (error) {
    clear(make("p", {class: "verdict failed"}, String(error)));
  } finally {
    busy = false;
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}

async function look() {
  if (!document.hidden) {
    const news = await getNews(lastRefusal);
    lastRefusal = addRefusals(news.refusals, lastRefusal);
    if (news.generation !== state.generation) await load();
  }
}

/** Look for news again and again; once the inspector has ended, say so and stop. */
async function watch() {
  try {
    await look();
    setTimeout(watch, INTERVAL);
  } catch {
    showTrouble("The inspector has ended. Start it again, and open the address it prints.", []);
  }
}

byId("own-origin").textContent = location.origin;
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  alone(explainForm);
});
byId("compare").addEventListener("click", () => alone(compareForm));
load().then(watch, (error) => showTrouble(String(error), []));
