/**
 * Calls of the API with the key that was typed in, which lives in the memory of the page
 * alone; and how what it answers is put before a person: as text, never as markup.
 */
export const apiScript = `
let key = null;
let busy = false;
const byId = (id) => document.getElementById(id);
const say = (text) => { byId('state').textContent = text; };

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'onclick') element.addEventListener('click', value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

class Failure extends Error {
  constructor(error, status) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint || '';
    this.details = error.details || {};
    this.requestId = error.requestId;
    this.status = status;
  }
}
const noAnswer = { code: 'no_answer', message: 'Causeway does not answer', hint: 'See whether it runs and you are online, then do the same again: nothing you typed is lost' };

/** Throws a Failure whatever goes wrong. A key that is refused is forgotten, and asked for again. */
async function call(method, path, body, more) {
  const headers = { authorization: 'Bearer ' + key, ...(body && { 'content-type': 'application/json' }), ...more };
  let answer, value;
  try {
    answer = await fetch(path, { method, headers, cache: 'no-store', body: body && JSON.stringify(body) });
    value = await answer.json();
  } catch { throw new Failure(noAnswer, 0); }
  if (answer.ok) return value;
  const failure = new Failure(value.error || noAnswer, answer.status);
  if (answer.status === 401) key = null;
  throw failure;
}

/** All pages of a list, up to as many as a person can choose from. */
async function callAll(path, most) {
  const items = [];
  let cursor = null;
  do {
    const page = await call('GET', path + '?limit=500' + (cursor ? '&cursor=' + encodeURIComponent(cursor) : ''));
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor && items.length < most);
  return { items, cut: cursor !== null };
}

/** Does one thing at a time, says what, and shows what went wrong: in the form given, if a field of it is meant. */
async function perform(what, work, form) {
  if (busy) return;
  busy = true;
  forget(form);
  say(what);
  const buttons = [...document.querySelectorAll('main button')];
  for (const button of buttons) button.setAttribute('aria-disabled', 'true');
  document.querySelector('main').setAttribute('aria-busy', 'true');
  let done = '';
  try {
    done = (await work()) || '';
  } catch (failure) {
    if (failure.status === 401 && form !== byId('sign-in').querySelector('form')) {
      show('sign-in');
      failure.hint = 'Give a key that works: what you typed is kept';
    }
    complain(failure, form);
  }
  busy = false;
  for (const button of buttons) button.removeAttribute('aria-disabled');
  document.querySelector('main').removeAttribute('aria-busy');
  say(done);
}

function forget(form) {
  byId('alert').replaceChildren();
  for (const error of form ? form.querySelectorAll('.error') : []) error.textContent = '';
  for (const field of form ? form.querySelectorAll('[aria-invalid]') : []) field.removeAttribute('aria-invalid');
}

/** Each issue beside its field, the first of which takes the focus; what belongs to none above all. */
function complain(failure, form) {
  const rest = [];
  let first = null;
  for (const { path, message } of issuesOf(failure)) {
    const name = path.split('.').filter((part) => part !== 'settings')[0];
    const error = form && name && form.querySelector('#' + CSS.escape(name) + '-error');
    if (!error) { rest.push(path && failure.code === 'invalid_request' ? path + ': ' + message : message); continue; }
    error.textContent = message;
    const field = form.elements[name] instanceof RadioNodeList ? form.elements[name][0] : form.elements[name];
    field.setAttribute('aria-invalid', 'true');
    const folded = error.closest('details');
    if (folded) folded.open = true;
    if (!first || field.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING) first = field;
  }
  if (rest.length > 0) {
    const id = failure.requestId ? ' (' + failure.requestId + ')' : '';
    byId('alert').replaceChildren(...rest.map((text) => el('p', null, text + '.' + id)), el('p', null, failure.hint ? failure.hint + '.' : ''));
  }
  if (first) first.focus();
  else if (rest.length > 0) byId('alert').scrollIntoView({ block: 'nearest' });
}

/** Which field a failure is about, where it does not say so itself. */
function issuesOf({ code, message, details, hint }) {
  if (code === 'invalid_request' && details.issues) {
    return details.issues.map(({ path, message }) =>
      path === 'capabilities' ? { path, message: 'choose at least one' } : { path, message });
  }
  if (code === 'not_found' && details.kind === 'customer') return [{ path: 'customerId', message: 'there is no such customer any more' }];
  if (code === 'account_not_allowed') return [{ path: 'accountId', message: message + '. ' + hint }];
  if (code === 'unauthorized') return [{ path: 'key', message: 'this key is not known, or was revoked' }];
  return [{ path: '', message }];
}

/** Something to copy, with a button that does. Where a browser does not let it, the text is selected. */
function copyable(label, text, block) {
  const shown = block ? el('pre', { tabindex: '0', role: 'group', 'aria-label': label }, text) : el('code', null, text);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(label + ' copied.');
    } catch {
      getSelection().selectAllChildren(shown);
      say(label + ' selected: press Ctrl+C or Cmd+C.');
    }
  };
  const button = el('button', { type: 'button', class: 'copy', 'aria-label': 'Copy ' + label, onclick: copy }, 'Copy');
  return block ? el('div', { class: 'block' }, shown, button) : el('span', { class: 'copied' }, shown, button);
}

function facts(rows) {
  return el('dl', { class: 'facts' }, rows.filter((row) => row[1] !== null && row[1] !== undefined).flatMap(([name, value]) =>
    [el('dt', null, name), el('dd', null, value)]));
}

function away(text, href) {
  return el('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text);
}
`;
