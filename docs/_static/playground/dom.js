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
