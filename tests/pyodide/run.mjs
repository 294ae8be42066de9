// Runs pytest in Pyodide: node run.mjs FOLDER ROOT ARGUMENT...
//
// FOLDER is where "make pyodide" has installed Pyodide and what the tests need; ROOT is
// the source tree. Nothing is loaded from the network, and nothing is written.
import { pathToFileURL } from "node:url";

const [folder, root, ...args] = process.argv.slice(2);
const entry = pathToFileURL(`${folder}/node_modules/pyodide/pyodide.mjs`);
const { loadPyodide, version } = await import(entry);

try {
  const python = await loadPyodide({
    env: {
      HOME: "/tmp",
      HYPOTHESIS_STORAGE_DIRECTORY: "/tmp/hypothesis",
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  for (const [name, from] of [["/source", root], ["/site", `${folder}/site`]]) {
    python.FS.mkdirTree(name);
    python.FS.mount(python.FS.filesystems.NODEFS, { root: from }, name);
  }
  python.FS.chdir("/source");
  python.globals.set("arguments", python.toPy(args));
  process.exitCode = python.runPython(`
import importlib, platform, sys
sys.path[:0] = ["/source", "/site"]
importlib.invalidate_caches()
print(f"Python {platform.python_version()}, Pyodide ${version}, Node ${process.version}")
import pytest
int(pytest.main(arguments))
`);
} catch (error) {
  // Not thrown: Node would print the line of Pyodide's code, which has a million characters.
  console.error(error.message);
  process.exitCode = 70;
}
