// A case in a link, behind "#": a browser never sends that to a server.
// docs/ext/playground.py writes the same form.

export class BadLink extends Error {}

/** Return what stands behind "#" for these fields; empty ones are left out. */
export function fragment(fields) {
  const filled = Object.entries(fields).filter(([, text]) => text !== "");
  const parts = filled.map(([name, text]) => `${name}=${encoded(text)}`);
  return [...parts, `end=${length(filled)}`].join("&");
}

/** Return the fields of a link; null where it holds no case. */
export function fields(hash) {
  const text = hash.replace(/^#/, "");
  if (!text.includes("=")) return null;
  const found = [];
  let end = null;
  for (const part of text.split("&")) {
    const at = part.indexOf("=");
    const name = part.slice(0, Math.max(at, 0));
    if (name === "end") end = part.slice(at + 1);
    else found.push([name, decoded(part.slice(at + 1))]);
  }
  if (end === null || !/^\d+$/.test(end) || Number(end) !== length(found)) {
    throw new BadLink("This link is not complete: a part of it was cut off or changed. "
      + "Ask for the whole link.");
  }
  return Object.fromEntries(found);
}

function length(pairs) {
  return pairs.reduce((sum, [name, text]) => sum + name.length + text.length, 0);
}

// Programs that find links in a text stop at some of these.
function encoded(text) {
  return encodeURIComponent(text).replace(
    /[!'()*~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";  // Cut within a character: the length tells.
  }
}
