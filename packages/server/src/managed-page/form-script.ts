/**
 * The form, the review and the making. What was sent is made once, however often it is
 * pressed: the same body goes with the same idempotency key, and a bucket whose making
 * broke off is made to its end, never a second one.
 */
export const formScript = `
const form = byId('new').querySelector('form');
let customers = [];
let draft = null;

async function loadCustomers() {
  const { items, cut } = await callAll('/v1/customers', 5000);
  customers = items;
  const chosen = form.elements.customerId.value;
  const options = items.map(({ id, name, reference }) => el('option', { value: id }, name + ' (' + reference + ')'));
  form.elements.customerId.replaceChildren(el('option', { value: '' }, 'Choose a customer'), ...options);
  form.elements.customerId.value = items.some(({ id }) => id === chosen) ? chosen : '';
  byId('customerId-hint').replaceChildren(...(items.length === 0
    ? ['There are no customers yet. This makes one: ', el('code', null, 'causeway customers create --name Acme --reference acme'), ' ',
       el('button', { type: 'button', class: 'copy', onclick: () => perform('Looking for customers.', loadCustomers, form) }, 'Look again')]
    : cut ? ['The newest 5,000. For others: causeway connections create.'] : []));
}

const nameOf = (customerId) => (customers.find(({ id }) => id === customerId) || { name: customerId }).name;

/** The name of a company as a resource ID. */
function suggestion(name) {
  const plain = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 42);
  return plain.replace(/^-+|-+$/g, '');
}

/** The choice of an external ID is there for a role alone. */
function watchAccess(choice) {
  const show = () => {
    const role = choice.querySelector('[value=operator_role]').checked;
    choice.querySelector('[data-for=operator_role]').hidden = !role;
  };
  choice.addEventListener('change', show);
  form.addEventListener('reset', () => setTimeout(show));
  return show;
}

function accessOf({ access, externalId }) {
  return access.value === 'bucket_policy'
    ? { access: 'bucket_policy' }
    : { access: 'operator_role', externalId: externalId.checked ? 'generated' : 'none' };
}

/** The choice of receipts is there where something is delivered. */
function watchPurposes() {
  const show = () => { form.querySelector('[data-for=deliver]').hidden = !form.querySelector('[value=deliver]').checked; };
  form.addEventListener('change', show);
  form.addEventListener('reset', () => setTimeout(show));
  show();
}

function bodyOf({ customerId, accountId, resourceId, capabilities, receipts, ownership, kmsKeyArn, versioning, access, externalId }) {
  return {
    customerId: customerId.value,
    accountId: accountId.value.replace(/[\\s-]/g, ''),
    resourceId: resourceId.value.trim(),
    capabilities: [...capabilities].filter(({ checked }) => checked).map(({ value }) => value),
    ...(form.querySelector('[value=deliver]').checked && { receipts: receipts.checked }),
    settings: { ownership: ownership.value, kmsKeyArn: kmsKeyArn.value.trim() || null, versioning: versioning.checked },
    ...accessOf({ access, externalId }),
  };
}

function showPattern() {
  byId('pattern').textContent = (form.elements.resourceId.value.trim() || 'acme') + '-{14 random characters}';
}

form.elements.resourceId.addEventListener('input', () => {
  form.elements.resourceId.dataset.typed = String(form.elements.resourceId.value !== '');
  showPattern();
});
form.elements.customerId.addEventListener('change', () => {
  const { customerId, resourceId } = form.elements;
  if (resourceId.dataset.typed === 'true') return;
  resourceId.value = customerId.value ? suggestion(nameOf(customerId.value)) : '';
  showPattern();
});
watchAccess(form);
watchPurposes();
showPattern();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  perform('Looking at what it will be.', async () => {
    const body = bodyOf(form.elements);
    if (!body.customerId) {
      throw new Failure({ code: 'invalid_request', message: '', details: { issues: [{ path: 'customerId', message: 'choose a customer' }] } }, 400);
    }
    const preview = await call('POST', '/v1/managed-buckets/preview', body);
    const same = draft && JSON.stringify(draft.body) === JSON.stringify(body);
    if (!same) draft = { body, idempotencyKey: randomKey(), connection: null };
    showPreview(preview, body);
    location.hash = 'review';
  }, form);
});

function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function showPreview(preview, body) {
  const documentOf = (title, document) => [el('h3', null, title), copyable(title, JSON.stringify(document, null, 2), true)];
  byId('preview').replaceChildren(
    facts([['Customer', nameOf(body.customerId)], ['Account', body.accountId], ['Bucket', el('code', null, preview.bucketName)]]),
    ...preview.warnings.map((text) => el('p', { class: 'warning' }, text + '.')),
    el('ul', null, preview.makes.map((text) => el('li', null, text))),
    el('details', null, el('summary', null, 'The policies, word for word'),
      ...documentOf('Bucket policy', preview.bucketPolicy),
      ...(preview.role ? [...documentOf('Trust policy of the role', preview.role.trustPolicy), ...documentOf('What the role may', preview.role.permissionsPolicy)] : []),
      ...documentOf("For the customer's own users or roles", preview.customerPolicy)));
}

byId('create').addEventListener('click', () => perform('Making the bucket. This takes a few seconds.', async () => {
  if (draft.connection === null) {
    draft.connection = await call('POST', '/v1/connections', draft.body, { 'idempotency-key': draft.idempotencyKey });
    byId('back').hidden = true;
  }
  const { id } = draft.connection;
  await call('POST', '/v1/connections/' + id + '/provision', {});
  startAnew();
  location.hash = id;
  return 'The bucket is made. What the customer needs is below.';
}).then(() => { if (draft && draft.connection) byId('create').textContent = 'Try again'; }));

function startAnew() {
  draft = null;
  form.reset();
  form.elements.resourceId.dataset.typed = 'false';
  byId('create').textContent = 'Create bucket';
  byId('back').hidden = false;
  showPattern();
}
`;
