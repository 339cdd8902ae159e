/**
 * The script of the setup page. The token comes in the fragment, is taken out of the
 * address at once, and lives in memory alone, as does the session's. Nothing is asked
 * of AWS before a person has named the bucket and the account. A role that AWS
 * has not spread yet is waited for: every 3 seconds in the first minute after something
 * was saved or opened, then every 10, and every 30 while the page is hidden.
 */
export const connectScript = `'use strict';
const byId = (id) => document.getElementById(id);
const say = (text) => { byId('state').textContent = text; };
const link = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
let session = null;
let view = null;
let busy = false;
let timer = 0;
let eagerSince = Date.now();

async function call(method, path, body) {
  const headers = { 'content-type': 'application/json' };
  if (session) headers.authorization = 'Bearer ' + session.token;
  const answer = await fetch(path, { method, headers, cache: 'no-store', body: body && JSON.stringify(body) });
  const value = await answer.json().catch(() => ({}));
  if (answer.ok) return value;
  const error = value.error || {};
  if (error.code === 'session_ended' && session) {
    session = await open();
    return call(method, path, body);
  }
  const failure = new Error(error.message ? error.message + '. ' + error.hint + '.' : 'There is no answer. Try again.');
  failure.retryAfter = Number(answer.headers.get('retry-after')) || 0;
  throw failure;
}

function open() {
  session = null;
  return call('POST', '/v1/connect/sessions', { token: link });
}

function show() {
  const { connection, customerName, expectedAccountId } = view;
  say('For ' + customerName + '.' + (connection.accountId && !connection.accountConfirmed
    ? ' Whoever sent you the link confirms account ' + connection.accountId + ' before data moves.' : ''));
  const { bucket, prefix, accountId } = byId('place').elements;
  if (connection.bucket) { bucket.value = connection.bucket; prefix.value = connection.prefix; }
  if (connection.accountId) accountId.value = connection.accountId;
  accountId.readOnly = expectedAccountId !== null;
  byId('place').hidden = connection.owner === 'operator';
  byId('keys').hidden = connection.access !== 'access_key';
  byId('setup').hidden = false;
  if (connection.lastCheck) showReport(connection.lastCheck);
}

function showReport(report) {
  byId('outcome').textContent = report.outcome === 'healthy'
    ? 'All checks passed: the connection works.'
    : report.outcome === 'insecure' ? 'The access is not safe yet.' : 'Waiting for the access.';
  byId('steps').replaceChildren(...report.steps.map((step) => {
    const item = document.createElement('li');
    item.textContent = step.verdict + ': ' + step.title + '. ' + step.message;
    if (step.fix) {
      const fix = document.createElement('p');
      fix.textContent = step.fix.text;
      item.append(fix);
    }
    return item;
  }));
}

async function check() {
  clearTimeout(timer);
  const { connection } = view;
  let pause = document.hidden ? 30 : Date.now() - eagerSince < 60000 ? 3 : 10;
  const known = connection.bucket && (connection.accountId || connection.access === 'access_key');
  if (!busy && known && byId('steps').dataset.done !== 'true') {
    busy = true;
    try {
      const report = await call('POST', '/v1/connections/' + connection.id + '/check', {});
      byId('steps').dataset.done = String(report.outcome === 'healthy');
      showReport(report);
    } catch (error) {
      byId('outcome').textContent = error.message;
      pause = Math.max(pause, error.retryAfter || 10);
    }
    busy = false;
  }
  timer = setTimeout(check, pause * 1000 * (0.9 + Math.random() / 5));
}

function checkSoon() {
  eagerSince = Date.now();
  byId('steps').dataset.done = 'false';
  check();
}

async function choose(button) {
  for (const other of byId('tools').children) other.setAttribute('aria-pressed', String(other === button));
  try {
    const path = '/v1/connections/' + view.connection.id + '/setup-guide/' + button.dataset.tool;
    const guide = await call('GET', path);
    byId('guide').textContent = guide.content;
    byId('copy').hidden = false;
    byId('launch').hidden = !guide.launchUrl;
    if (guide.launchUrl) byId('launch').href = guide.launchUrl;
    byId('notes').replaceChildren(...guide.notes.map((note) => {
      const item = document.createElement('li');
      item.textContent = note;
      return item;
    }));
  } catch (error) { byId('guide').textContent = error.message; }
}

function onSubmit(form, save) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try { await save(form.elements); } catch (error) { say(error.message); }
  });
}

onSubmit(byId('place'), async ({ bucket, prefix, accountId }) => {
  const account = accountId.value.replace(/[\\s-]/g, '');
  const folder = prefix.value.trim();
  view = await call('PATCH', '/v1/connect/connection', {
    bucket: bucket.value.trim(),
    ...(folder && { prefix: folder }),
    ...(account && { accountId: account }),
  });
  show();
  checkSoon();
  choose(byId('tools').querySelector('[aria-pressed=true]') || byId('tools').firstElementChild);
});
onSubmit(byId('keys'), async ({ accessKeyId, secretAccessKey }) => {
  const key = { accessKeyId: accessKeyId.value.trim(), secretAccessKey: secretAccessKey.value.trim() };
  await call('POST', '/v1/connections/' + view.connection.id + '/access-keys', key);
  byId('keys').reset();
  view = await call('GET', '/v1/connect/connection');
  show();
  checkSoon();
});
for (const button of byId('tools').children) button.addEventListener('click', () => choose(button));
byId('check').addEventListener('click', checkSoon);
byId('launch').addEventListener('click', checkSoon);
byId('copy').addEventListener('click', () => navigator.clipboard.writeText(byId('guide').textContent).catch(() => getSelection().selectAllChildren(byId('guide'))));
document.addEventListener('visibilitychange', () => { if (view && !document.hidden) check(); });

(async () => {
  try {
    session = await open();
    view = await call('GET', '/v1/connect/connection');
    show();
    check();
  } catch (error) { say(error.message); }
})();
`;
