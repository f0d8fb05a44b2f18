/** The few things pages do with elements. Texts go in as textContent only; their words come from the server. */

/**
 * The element with this id, as the type asked for.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = maybe(id, type);
  if (!found) throw new Error(`no ${type.name} with id ${id}`);
  return found;
}

/**
 * The element with this id if the page has one.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T | null}
 */
export function maybe(id, type) {
  const found = document.getElementById(id);
  return found instanceof type ? found : null;
}

/**
 * The first element below `root` that fits, as the type asked for.
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`no ${type.name} fits ${selector}`);
  return found;
}

/**
 * A fresh copy of the first element inside `<template id>`.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function clone(id) {
  const copy = byId(id, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new Error(`template ${id} is empty`);
  return copy;
}

/**
 * Writes values into the elements that name them: `<span data-fill="age">`. An empty value hides its element.
 * @param {ParentNode} root
 * @param {Record<string, string | number | null | undefined>} values
 */
export function fill(root, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const element of root.querySelectorAll(`[data-fill="${name}"]`)) {
      const text = value === null || value === undefined ? "" : String(value);
      element.textContent = text;
      if (element instanceof HTMLElement) element.hidden = text === "";
    }
  }
}

/**
 * Of all elements that carry `data-<name>` below `root`, shows the one with this value and hides the rest.
 * @param {ParentNode} root
 * @param {string} name
 * @param {string} value
 */
export function reveal(root, name, value) {
  for (const element of root.querySelectorAll(`[data-${name}]`)) {
    if (element instanceof HTMLElement) element.hidden = element.getAttribute(`data-${name}`) !== value;
  }
}

/**
 * One choice of a `<select>`.
 * @param {string} value
 * @param {string} text
 * @param {boolean} selected
 */
export function option(value, text, selected) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  made.selected = selected;
  return made;
}

/** A clone of a template with these words. @param {string} template @param {Record<string, string>} values */
export function filled(template, values) {
  const row = clone(template);
  fill(row, values);
  return row;
}
