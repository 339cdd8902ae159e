/**
 * Makes an element. Whatever it is given becomes text or an attribute, and never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string | boolean>>} attributes false leaves one out
 * @param {readonly (Node | string | null)[]} children null is nothing
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * The element of the page that has this id.
 *
 * @template {Element} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function find(id, kind) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} "${id}"`);
}

/**
 * The field of a form that has this name.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLInputElement | HTMLTextAreaElement}
 */
export function fieldOf(form, name) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) return field;
  throw new Error(`The form has no field "${name}"`);
}

/**
 * Says it to those who see the page and to those who hear it.
 *
 * @param {string} text
 */
export function announce(text) {
  find('announcement', HTMLElement).textContent = text;
}

/**
 * Replaces what an element holds only where that changes something, so that nothing which
 * is being read, selected or focused is taken away.
 *
 * @param {Element} place
 * @param {readonly Node[]} children
 */
export function fill(place, children) {
  const fresh = document.createElement(place.tagName);
  fresh.append(...children);
  if (withoutState(fresh) === withoutState(place)) return;
  const open = openDetails(place);
  for (const details of fresh.querySelectorAll('details')) {
    if (open.has(details.id)) details.open = true;
  }
  const focused = place.contains(document.activeElement) ? document.activeElement?.id : '';
  place.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus();
}

/** @param {Element} place */
function withoutState(place) {
  const copy = /** @type {Element} */ (place.cloneNode(true));
  for (const details of copy.querySelectorAll('details')) details.open = false;
  return copy.innerHTML;
}

/** @param {Element} place */
function openDetails(place) {
  return new Set([...place.querySelectorAll('details[open]')].map(({ id }) => id));
}
