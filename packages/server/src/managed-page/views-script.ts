/** Which part is shown, by the address: "#new", "#review", or "#" with the id of a bucket's connection. The key is never in it. */
export const viewsScript = `
const views = ['sign-in', 'list', 'new', 'review', 'details'];
let nextCursor = null;

function show(view) {
  for (const id of views) byId(id).hidden = id !== view;
  byId('alert').replaceChildren();
  const field = view === 'sign-in' ? byId('key') : byId(view + '-title');
  field.focus();
}

function route() {
  if (key === null) return show('sign-in');
  const at = location.hash.slice(1);
  if (at === 'new') return show('new');
  if (at === 'review' && draft) return show('review');
  if (/^conn_[A-Za-z0-9_-]+$/.test(at)) return openDetails(at);
  return openList();
}

async function openDetails(id) {
  if (busy) await idle();
  const before = byId('state').textContent;
  await perform('Reading.', async () => {
    await loadDetails(id);
    show('details');
    return before;
  });
}

async function openList() {
  if (busy) await idle();
  await perform('Reading.', async () => {
    byId('buckets').replaceChildren();
    nextCursor = null;
    await addBuckets();
    show('list');
  });
}

/** Nothing is begun while something is under way, but what an address names is shown in the end. */
async function idle() {
  while (busy) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function addBuckets() {
  const page = await call('GET', '/v1/connections?owner=operator&limit=50' + (nextCursor ? '&cursor=' + encodeURIComponent(nextCursor) : ''));
  nextCursor = page.nextCursor;
  byId('more').hidden = nextCursor === null;
  byId('buckets').append(...page.items.map((connection) => el('div', { class: 'card' },
    el('p', { class: 'title' }, el('a', { href: '#' + connection.id }, connection.bucket), tagOf(connection)),
    facts([
      ['Customer', nameOf(connection.customerId)],
      ['Role ARN', 'roleArn' in connection ? copyable('Role ARN of ' + connection.bucket, connection.roleArn) : null],
      ['Comes in by', 'roleArn' in connection ? 'role' : 'bucket policy'],
    ]))));
  if (!byId('buckets').firstChild) {
    byId('buckets').append(el('p', { class: 'empty' }, 'There are none yet. "Make a bucket" makes the first, as does ',
      el('code', null, 'causeway connections create --access bucket_policy'), '.'));
  }
}

byId('more').addEventListener('click', () => perform('Reading.', addBuckets));
byId('sign-in').querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const target = event.target;
  const typed = target.elements.key.value.trim();
  perform('Looking at the key.', async () => {
    if (!/^cwk_[A-Za-z0-9_]+$/.test(typed)) throw new Failure({ code: 'unauthorized', message: '', hint: '' }, 401);
    key = typed;
    try {
      await loadCustomers();
    } catch (failure) {
      key = null;
      throw failure;
    }
    target.reset();
  }, target).then(() => { if (key !== null) route(); });
});
addEventListener('hashchange', route);
route();
`;
