/** One bucket: how it stands, what its customer needs, and what may be done with it. */
export const detailsScript = `
let shown = null;

async function loadDetails(id) {
  const path = '/v1/connections/' + encodeURIComponent(id);
  const [connection, access] = await Promise.all([call('GET', path), call('GET', path + '/access-details')]);
  shown = { connection, access };
  byId('details-title').textContent = connection.bucket;
  showStanding(connection);
  showNeeds(connection, access);
  showActions(connection, access);
}

const tones = { active: 'good', draft: 'mild', paused: 'mild' };
const tagOf = ({ status, health }) => el('span', { class: 'tag ' + (tones[status] || 'bad') }, health.label);

function showStanding(connection) {
  const { health, lastCheck } = connection;
  const failed = lastCheck ? lastCheck.steps.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned') : [];
  byId('standing').replaceChildren(
    facts([
      ['State', el('span', null, tagOf(connection), ' ' + health.reason)],
      ['Next', health.nextAction && health.nextAction.text],
      ['Customer', nameOf(connection.customerId)],
      ['Account', connection.customerAccountId],
      ['Comes in by', connection.access === 'bucket_policy' ? 'bucket policy' : 'role' + (connection.externalId ? ', with an external ID' : '')],
      ['Receipts', connection.capabilities.includes('deliver') ? 'the customer may write ' + (connection.receipts ? 'them' : 'none') : null],
      ['Region', connection.region],
    ]),
    ...(lastCheck ? [el('p', { class: 'quiet' }, 'Last check: ' + lastCheck.outcome + ', ' + lastCheck.steps.filter(({ verdict }) => verdict === 'passed').length +
      ' of ' + lastCheck.steps.length + ' steps passed.')] : []),
    el('ul', null, failed.map(({ title, verdict, message, fix }) =>
      el('li', null, verdict + ': ' + title + '. ' + message + '.', fix && el('span', { class: 'fix' }, fix.text)))));
}

function showNeeds(connection, access) {
  const { bucket, role, customerPolicy, cli } = access;
  const { switchRole, note } = access.console;
  const made = connection.provisionedAt !== null && connection.revokedAt === null;
  byId('needs').hidden = !made;
  if (!made) { byId('needs').replaceChildren(); return; }
  const guide = (page) => 'https://docs.aws.amazon.com/IAM/latest/UserGuide/' + page;
  byId('needs').replaceChildren(el('div', { class: 'card' },
    el('h3', null, 'For the customer'),
    facts([
      ['Bucket', copyable('Bucket', bucket.name)],
      ['Role ARN', role && copyable('Role ARN', role.arn)],
      ['Role name', role && copyable('Role name', role.name)],
      ['', role && 'The name is what follows ":role/" in the ARN.'],
      ['External ID', role && role.externalId && copyable('External ID', role.externalId)],
    ]),
    el('ul', null, access.folders.map(({ location, customerMay }) =>
      el('li', null, el('code', null, location), ': ' + customerMay.replaceAll('_', ' '))),
      access.receipts && el('li', null, el('code', null, access.receipts), ': write receipts')),
    el('h3', null, 'Steps'),
    el('ol', null, access.steps.map(({ title, text, needsAdmin }) =>
      el('li', null, el('strong', null, title), ' ', needsAdmin && el('span', { class: 'tag mild' }, 'AWS administrator'), el('br'), text + '.'))),
    el('p', { class: 'hint' }, 'Guides of AWS: ', away('access for programs', guide('id_credentials_access-keys.html')), ', ',
      away('access to the console', guide('console_controlling-access.html')), '.'),
    el('h3', null, 'Policy ' + customerPolicy.name),
    copyable('Policy', JSON.stringify(customerPolicy.document, null, 2), true),
    ...(cli.profile ? [el('h3', null, 'For ~/.aws/config'), copyable('Profile', cli.profile, true)] : []),
    el('h3', null, 'Commands'),
    ...cli.commands.map(({ title, command }) => el('div', { class: 'command' }, el('p', { class: 'hint' }, title), copyable(title + ' command', command, true))),
    el('h3', null, 'AWS console'),
    el('p', null, note + '.'),
    ...(switchRole ? [facts([
      ['Account', copyable('Account', switchRole.account)],
      ['Role', copyable('Role', switchRole.roleName)],
      ['Display name', copyable('Display name', switchRole.displayName)],
    ]), el('p', null, away('Switch role', switchRole.url))] : []),
    ...(role && role.externalId ? [] : [el('p', null, away('Open the bucket', bucket.consoleUrl))])));
}

function showActions(connection, access) {
  const made = connection.provisionedAt !== null;
  const revoked = connection.revokedAt !== null;
  byId('provision').textContent = revoked ? 'Let the customer in again' : made ? 'Put back what was changed' : 'Make the bucket';
  byId('provision').classList.toggle('main', !made || revoked);
  byId('check').hidden = !made;
  const change = byId('change');
  change.hidden = !made || revoked;
  byId('change-hint').textContent = access.isAccessMutable
    ? 'The new way is there before the old one is closed. The customer needs the new values under "For the customer" afterwards.'
    : 'Somebody has changed policy or role by hand and may rely on that. Put back what was changed first.';
  byId('change-choice').disabled = !access.isAccessMutable;
  change.querySelector('button').disabled = !access.isAccessMutable;
  change.elements.access.value = connection.access;
  change.elements.externalId.checked = Boolean(connection.externalId);
  change.elements.receipts.checked = connection.receipts;
  change.querySelector('[data-for=deliver]').hidden = !connection.capabilities.includes('deliver');
  showChange();
  byId('closing').hidden = !made || revoked;
  byId('sure').hidden = true;
  byId('revoke').hidden = false;
}

/** Does something to the bucket that is shown, and shows it anew. */
function act(what, path, body, done, target) {
  const { id } = shown.connection;
  return perform(what, async () => {
    await call('POST', '/v1/connections/' + id + path, body);
    await loadDetails(id);
    byId('details-title').focus();
    return done;
  }, target);
}

const showChange = watchAccess(byId('change'));
byId('provision').addEventListener('click', () => act('Making what is missing. This takes a few seconds.', '/provision', {}, 'All of it is there.'));
byId('check').addEventListener('click', () => act('Checking.', '/check', {}, 'Checked.'));
byId('change').addEventListener('submit', (event) => {
  event.preventDefault();
  const { elements } = byId('change');
  const receipts = shown.connection.capabilities.includes('deliver') ? { receipts: elements.receipts.checked } : {};
  act('Changing how the customer comes in.', '/access', { ...accessOf(elements), ...receipts }, 'Changed. The customer needs the new values below.', byId('change'));
});
byId('revoke').addEventListener('click', () => {
  byId('sure').hidden = false;
  byId('revoke').hidden = true;
  byId('revoke-no').focus();
});
byId('revoke-no').addEventListener('click', () => {
  byId('sure').hidden = true;
  byId('revoke').hidden = false;
  byId('revoke').focus();
});
byId('revoke-yes').addEventListener('click', () => act('Revoking access.', '/revoke-access', {}, 'The customer is out. Bucket and data are there.'));
`;
