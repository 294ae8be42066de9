// Python as the page sees it: questions in, answers out, in a thread that can be ended.

const PATIENCE = 20_000;
const LOADING = 180_000;

let worker = null;
let loaded = false;
let last = 0;
let report = () => {};
const waiting = new Map();

export class Failed extends Error {}

/** Say why Python cannot run here; null where it can. */
export function missing() {
  if (typeof WebAssembly !== "object") return "WebAssembly";
  if (typeof Worker !== "function") return "workers";
  return null;
}

/** Return the answer to a question; onProgress is told of loading, from 0 to 1. */
export function ask(question, onProgress) {
  report = onProgress;
  worker ??= start();
  const id = ++last;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => stop(loaded
      ? `Python gave no answer within ${PATIENCE / 1000} seconds and was stopped. `
        + "Is there a regular expression that never ends?"
      : "Python could not be loaded within three minutes."), loaded ? PATIENCE : LOADING);
    waiting.set(id, {resolve, reject, timer});
    worker.postMessage({id, question: JSON.stringify(question)});
  });
}

// The worker begins as a blob: of one line. One that is loaded from a URL would not have
// the Content-Security-Policy of this page, which keeps it from asking any other server.
function start() {
  const code = `import ${JSON.stringify(new URL("worker.js", import.meta.url).href)};`;
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const started = new Worker(url, {type: "module"});
  started.addEventListener("message", (event) => hear(event.data));
  started.addEventListener("error", (event) => {
    event.preventDefault();
    stop(`Python could not be loaded${event.message ? `: ${event.message}` : "."}`);
  });
  return started;
}

function hear({id, answer, error, failed, progress, total, loaded: wasLoaded}) {
  if (failed !== undefined) {
    stop(`Python could not be loaded: ${failed}.`);
    return;
  }
  if (progress !== undefined) {
    report(progress, total);
    return;
  }
  const asked = waiting.get(id);
  if (!asked) return;
  if (error !== undefined) {
    // What is left of Python after such an error is of no use.
    stop(wasLoaded ? `Python has ended: ${error}` : `Python could not be loaded: ${error}`);
    return;
  }
  clearTimeout(asked.timer);
  waiting.delete(id);
  loaded = true;
  asked.resolve(JSON.parse(answer));
}

/** End the thread; the next question starts another one. */
function stop(reason) {
  worker?.terminate();
  worker = null;
  loaded = false;
  for (const {reject, timer} of waiting.values()) {
    clearTimeout(timer);
    reject(new Failed(reason));
  }
  waiting.clear();
}
