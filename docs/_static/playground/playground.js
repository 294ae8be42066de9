// The playground as a whole: a form, Python behind it, and the result.

import {byId, make} from "./dom.js";
import {BadLink, fields as fieldsOf, fragment} from "./link.js";
import {ask, Failed, missing} from "./python.js";
import {clear, show} from "./result.js";

const DEFAULTS = {
  policy: 'CORS(app, origins="https://app.example.com")\n',
  origin: "https://app.example.com",
  url: "https://api.example.com/items",
  method: "GET",
  headers: "",
  credentials: "same-origin",
  mode: "cors",
  body: "",
  cookie: "",
  routes: "GET, POST, PUT, PATCH, DELETE",
  status: "200",
  answer_headers: "",
  front: "",
  front_status: "401",
  front_headers: "",
};
const OF_THE_SERVER = ["status", "answer_headers", "front", "front_status", "front_headers"];
const ELSEWHERE = "At a command line, python -m flask_cors_policy explain does the same.";

const form = byId("case");

/** Put fields into the form; those that are missing get their defaults. */
function fill(fields) {
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    form.elements.namedItem(name).value = fields[name] ?? usual;
  }
  const changed = OF_THE_SERVER.some((name) => (fields[name] ?? DEFAULTS[name]) !== DEFAULTS[name]);
  byId("server").open = changed;
  clearMistake();
  clear();
}

function filledIn() {
  return Object.fromEntries(
    Object.keys(DEFAULTS).map((name) => [name, form.elements.namedItem(name).value]));
}

/** Return what differs from the defaults, so that links stay short. */
function different() {
  const kept = ["policy", "origin", "url"];
  return Object.fromEntries(Object.entries(filledIn()).map(
    ([name, text]) => [name, text !== DEFAULTS[name] || kept.includes(name) ? text : ""]));
}

/** Ask Python; show what it is doing. Returns null where there is no answer. */
async function question(asked) {
  const lacks = missing();
  if (lacks !== null) {
    clear();
    trouble(`This browser has no ${lacks}, which the playground needs. ${ELSEWHERE}`);
    return null;
  }
  trouble("");
  busy(true);
  say("Loading Python …");
  try {
    return await ask(asked, (part, total) => {
      const all = Math.round(total / 1e6);
      say(`Loading Python: ${Math.round(part * all)} of ${all} MB, once.`);
      byId("progress").hidden = part >= 1;
      byId("progress").value = Math.round(part * 100);
      if (part >= 1) say("Starting Python …");
    });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    clear();
    trouble(`${error.message} ${ELSEWHERE}`);
    return null;
  } finally {
    busy(false);
    say("");
    byId("progress").hidden = true;
  }
}

let answers = 0;

/** Say that a question has been dealt with, and what came of it is shown. */
function done() {
  answers += 1;
  byId("play").dataset.answers = answers;
}

async function explain() {
  await explained();
  done();
}

async function explained() {
  clearMistake();
  const answer = await question({ask: "explain", case: filledIn()});
  if (answer === null) return;
  if (answer.problem) {
    clear();
    showMistake(answer.field, answer.problem);
    return;
  }
  show(answer);
  byId("result").focus({preventScroll: true});
  byId("result").scrollIntoView({block: "start"});
}

async function read() {
  await filledFromText();
  done();
}

async function filledFromText() {
  clearMistake();
  byId("read-notes").replaceChildren();
  const answer = await question({ask: "paste", text: byId("pasted").value});
  if (answer === null) return;
  if (answer.problem) {
    showMistake(answer.field || "pasted", answer.problem);
    return;
  }
  const {notes, origin, ...fields} = answer.fields;
  if (origin) fields.origin = origin;
  for (const [name, text] of Object.entries(fields)) form.elements.namedItem(name).value = text;
  const said = ["The form is filled in.", ...notes];
  if (!origin) said.push("The text does not tell the origin of the page: is the one below right?");
  byId("read-notes").replaceChildren(...said.map((text) => make("p", {}, text)));
  clear();
}

async function share() {
  const text = `${location.href.split("#")[0]}#${fragment(different())}`;
  history.replaceState(null, "", text);
  try {
    await navigator.clipboard.writeText(text);
    say("The link is copied. It holds the whole case.");
  } catch {
    say("The address of this page is the link now. It holds the whole case.");
  }
}

/** Fill in the case of the link, and play it. */
function follow() {
  try {
    const fields = fieldsOf(location.hash);
    if (fields === null) return false;
    trouble("");
    fill(fields);
    explain();
  } catch (error) {
    if (!(error instanceof BadLink)) throw error;
    fill({});
    trouble(error.message);
    done();
  }
  return true;
}

function showMistake(name, text) {
  const field = name === "pasted" ? byId("pasted") : form.elements.namedItem(name);
  if (!field) {
    trouble(text);
    return;
  }
  const around = field.closest("details");
  if (around) around.open = true;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "mistake");
  field.after(make("p", {class: "mistake", id: "mistake"}, text));
  field.focus();
}

function clearMistake() {
  byId("mistake")?.remove();
  for (const field of document.querySelectorAll("#play [aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = text === "";
}

function say(text) {
  byId("status-line").textContent = text;
}

function busy(is) {
  for (const id of ["explain", "read"]) byId(id).disabled = is;
  byId("play").setAttribute("aria-busy", String(is));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  explain();
});
byId("read").addEventListener("click", read);
byId("share").addEventListener("click", share);
window.addEventListener("hashchange", follow);
// A case that is chosen a second time changes no address.
byId("cases").addEventListener("click", (event) => {
  if (event.target.hash && event.target.hash === location.hash) follow();
});
if (!follow()) fill({});
byId("play").dataset.ready = "";
