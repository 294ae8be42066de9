// Python, in a thread of its own: loads it, and answers the questions of the page.

import {loadPyodide} from "../pyodide/pyodide.mjs";

const FILES = new URL("../pyodide/", import.meta.url);

let answer = null;

self.addEventListener("message", async (event) => {
  const {id, question} = event.data;
  try {
    answer ??= await load();
    self.postMessage({id, answer: answer(question)});
  } catch (error) {
    self.postMessage({id, error: String(error?.message ?? error), loaded: answer !== null});
  }
});

/** Load Python and the library; return the function that answers. */
async function load() {
  const listing = await (await fetch(new URL("files.json", FILES))).json();
  const counted = counting(listing.sizes);
  const python = await loadPyodide({indexURL: FILES.href});
  for (const name of listing.archives) {
    const response = await fetch(new URL(name, FILES));
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    python.unpackArchive(await response.arrayBuffer(), "zip",
                         {extractDir: "/lib/playground"});
  }
  counted.end();
  python.runPython("import sys; sys.path.append('/lib/playground')");
  return python.pyimport("flask_cors_policy.devtools.playground").answer;
}

/** Tell the page how much of the files has come, whoever asks for them. */
function counting(sizes) {
  const plain = self.fetch.bind(self);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  let done = 0;
  const add = (bytes) => {
    done += bytes;
    self.postMessage({progress: Math.min(done / total, 1), total});
  };
  self.fetch = async (...request) => {
    let response;
    try {
      response = await plain(...request);
      if (!response.ok) throw new Error(`${response.url} is answered ${response.status}`);
    } catch (error) {
      // Told at once, because Pyodide waits for ever where its WebAssembly is missing.
      self.postMessage({failed: error.message});
      throw error;
    }
    if (!response.body) return response;
    const count = new TransformStream({
      transform(chunk, controller) {
        add(chunk.byteLength);
        controller.enqueue(chunk);
      },
    });
    const {status, headers} = response;
    return new Response(response.body.pipeThrough(count), {status, headers});
  };
  return {end: () => { self.fetch = plain; }};
}
