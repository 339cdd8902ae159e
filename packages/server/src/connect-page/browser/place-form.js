import { fieldOf, find } from './dom.js';
import { onSubmit } from './field-errors.js';

/**
 * @import { ConnectView } from '@causeway/contract'
 * @import { Page } from './page.js'
 */

/** Which field a refusal is about; the bucket for all others. */
const fields = Object.freeze({
  account_pinned: 'accountId',
  account_not_allowed: 'accountId',
  account_mismatch: 'accountId',
});

/**
 * Step 1: where the data is to go. Once that is known it is one line, which can be opened.
 *
 * @param {Page} page
 */
export function placeForm(page) {
  const form = find('place', HTMLFormElement);
  const summary = find('place-summary', HTMLElement);
  let isOpen = false;

  find('change-place', HTMLButtonElement).addEventListener('click', () => {
    isOpen = true;
    show(page.view());
    fieldOf(form, 'bucket').focus();
  });
  const save = async () => {
    await page.save('PATCH', '/v1/connect/connection', placeIn(form));
    isOpen = false;
    show(page.view());
  };
  onSubmit(form, save, { fields, otherwise: () => 'bucket' });

  /** @param {ConnectView} view */
  function show({ connection, expectedAccountId, operatorName }) {
    const isOurs = connection.owner === 'operator';
    const needsAccount = !(connection.access === 'access_key' && connection.endpoint !== null);
    const isKnown = connection.bucket !== null && (!needsAccount || connection.accountId !== null);
    const isShut = isOurs || (isKnown && !isOpen);
    summary.hidden = !isShut;
    form.hidden = isShut;
    find('change-place', HTMLButtonElement).hidden = isOurs;
    find('place-text', HTMLElement).textContent = `s3://${connection.bucket}/${connection.prefix}`;
    find('place-rest', HTMLElement).textContent = [
      connection.accountId === null ? '' : ` in AWS account ${spaced(connection.accountId)}`,
      connection.region === null ? '' : `, ${connection.region}`,
    ].join('');
    find('account-row', HTMLElement).hidden = !needsAccount;
    find('account-pinned', HTMLElement).hidden = expectedAccountId === null;
    find('account-pinned', HTMLElement).textContent =
      `${operatorName} has fixed the account: this link is good for no other.`;
    const account = fieldOf(form, 'accountId');
    account.readOnly = expectedAccountId !== null;
    account.required = needsAccount && connection.access !== 'access_key';
    if (form.contains(document.activeElement) || form.dataset['touched'] === 'true') return;
    fieldOf(form, 'bucket').value = connection.bucket ?? '';
    fieldOf(form, 'prefix').value = connection.bucket === null ? '' : connection.prefix;
    account.value = connection.accountId ?? '';
  }

  form.addEventListener('input', () => {
    form.dataset['touched'] = 'true';
  });
  return { show };
}

/** @param {HTMLFormElement} form */
function placeIn(form) {
  const prefix = fieldOf(form, 'prefix').value.trim();
  const account = fieldOf(form, 'accountId').value.replace(/[\s-]/g, '');
  return {
    bucket: fieldOf(form, 'bucket').value.trim(),
    ...(prefix && { prefix }),
    ...(account && { accountId: account }),
  };
}

/**
 * As the AWS console writes it.
 *
 * @param {string} accountId
 */
function spaced(accountId) {
  return accountId.replace(/^(\d{4})(\d{4})(\d{4})$/, '$1-$2-$3');
}
