import { announce, fieldOf, fill, find, make } from './dom.js';
import { onSubmit, refusalText } from './field-errors.js';
/**
 * @import { AccessKey, ConnectView } from '@causeway/contract'
 * @import { Page } from './page.js'
 */

/**
 * The access key of the customer's user. It is written and never read: once it is saved,
 * this page knows its last four characters, as everybody else does.
 *
 * @param {Page} page
 */
export function accessKeys(page) {
  const form = find('keys', HTMLFormElement);
  const save = async () => {
    const key = {
      accessKeyId: fieldOf(form, 'accessKeyId').value.trim(),
      secretAccessKey: fieldOf(form, 'secretAccessKey').value.trim(),
    };
    // Whatever the answer is, the secret does not stay in the page.
    fieldOf(form, 'secretAccessKey').value = '';
    await page.save('POST', keysPath(page), key);
    form.reset();
    announce(`The key that ends in ${key.accessKeyId.slice(-4)} is saved.`);
  };
  onSubmit(form, save, { otherwise: () => 'accessKeyId' });

  /** @param {ConnectView} view */
  function show({ connection }) {
    const isByKey = connection.access === 'access_key';
    find('access-key', HTMLElement).hidden = !isByKey;
    if (!isByKey) return;
    const { accessKeys: keys } = connection;
    form.hidden = keys.length >= 2;
    find('role-instead', HTMLElement).hidden = keys.length > 0;
    find('key-purpose', HTMLElement).textContent =
      keys.length === 0
        ? 'Enter the key of the user that you have made. The secret is kept encrypted, and nobody can read it again.'
        : 'To replace the key without a gap, make a second one of the same user and enter it here. The first works on until the second is proved and made current.';
    fill(
      find('key-list', HTMLUListElement),
      keys.map((key) => row(page, key, keys.length)),
    );
  }
  return { show };
}

/** @param {Page} page */
function keysPath(page) {
  return `/v1/connections/${page.view().connection.id}/access-keys`;
}

/**
 * @param {Page} page
 * @param {AccessKey} key
 * @param {number} count
 */
function row(page, { id, lastFour, addedAt, current }, count) {
  const name = `the key that ends in ${lastFour}`;
  return make(
    'li',
    {},
    make('code', {}, `…${lastFour}`),
    ` entered ${addedAt.slice(0, 10)} `,
    make('span', { class: current ? 'tag good' : 'tag' }, current ? 'in use' : 'stands by'),
    ...(current ? [] : [action(page, `use-${id}`, 'Check and use it', name, 'POST', `${id}/use`)]),
    ...(current && count > 1 ? [] : [action(page, `remove-${id}`, 'Remove', name, 'DELETE', id)]),
  );
}

/**
 * @param {Page} page
 * @param {string} id
 * @param {string} label
 * @param {string} name
 * @param {string} method
 * @param {string} path
 */
function action(page, id, label, name, method, path) {
  const button = make(
    'button',
    { type: 'button', class: 'small', id, 'aria-label': `${label}: ${name}` },
    label,
  );
  const act = async () => {
    button.disabled = true;
    const answer = find('key-answer', HTMLElement);
    answer.textContent = '';
    try {
      await page.save(method, `${keysPath(page)}/${path}`);
    } catch (error) {
      answer.textContent = refusalText(error);
    }
    button.disabled = false;
  };
  button.addEventListener('click', () => void act());
  return button;
}
