import { Refusal } from './api.js';
import { announce, make } from './dom.js';

/**
 * Sends a form once at a time, and says at its fields what was refused.
 *
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} send
 * @param {{readonly fields?: Readonly<Record<string, string>>, readonly otherwise: () => string}} places
 *   the name of the field that a refusal is about, by its code
 */
export function onSubmit(form, send, { fields = {}, otherwise }) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (form.ariaBusy !== 'true') void submit();
  });
  async function submit() {
    form.ariaBusy = 'true';
    clearFieldErrors(form);
    try {
      await send();
    } catch (error) {
      showRefusal(form, error, fields, otherwise());
    } finally {
      form.ariaBusy = 'false';
    }
  }
}

/**
 * Says at the field what was refused there, with what to do, and goes there.
 *
 * @param {HTMLFormElement} form
 * @param {unknown} error
 * @param {Readonly<Record<string, string>>} fields the name of the field, by the code of the error
 * @param {string} otherwise
 */
function showRefusal(form, error, fields, otherwise) {
  if (!(error instanceof Refusal)) throw error;
  const issues = /** @type {{path: string, message: string}[] | undefined} */ (
    error.details['issues']
  );
  const places = issues?.filter(({ path }) => form.elements.namedItem(path)) ?? [];
  if (places.length > 0) {
    for (const { path, message } of places.toReversed()) mark(form, path, message);
    return;
  }
  const named = String(error.details['field'] ?? '');
  const name = form.elements.namedItem(named) ? named : (fields[error.code] ?? otherwise);
  mark(form, name, refusalText(error));
}

/** @param {HTMLFormElement} form */
function clearFieldErrors(form) {
  for (const text of form.querySelectorAll('.field-error')) text.remove();
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-errormessage');
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} text
 */
function mark(form, name, text) {
  const field = form.elements.namedItem(name);
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  const id = `${field.id}-error`;
  document.getElementById(id)?.remove();
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-errormessage', id);
  field.after(make('p', { id, class: 'field-error' }, text));
  announce(text);
  const folded = field.closest('details');
  if (folded) folded.open = true;
  field.focus();
}

/** @param {string} text */
export function sentence(text) {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** @param {unknown} error */
export function refusalText(error) {
  if (!(error instanceof Refusal)) throw error;
  return `${sentence(error.message)} ${sentence(error.hint)}`;
}
