// Small helpers to build what is shown. Text is only ever set as text.

export function byId(id) {
  return document.getElementById(id);
}

/** Make an element; an attribute that is null or false is left out. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Make a list of terms, each with what is said of it. */
export function terms(pairs) {
  const list = make("dl");
  for (const [term, ...said] of pairs) {
    list.append(make("dt", {}, term), make("dd", {}, ...said));
  }
  return list;
}

/** Let a diagram stand in a place. */
export function draw(place, svg) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
  place.replaceChildren(document.importNode(parsed.documentElement, true));
}
