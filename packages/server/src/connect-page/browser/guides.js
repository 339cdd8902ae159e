import { copyButton } from './copy-button.js';
import { fill, find, make } from './dom.js';
import { refusalText } from './field-errors.js';
import { missingOf } from './progress.js';
/**
 * @import { ConnectView, SetupGuide, SetupRendering, SetupValue } from '@causeway/contract'
 * @import { Page } from './page.js'
 */

/**
 * Step 2: what has to be created, written for each tool, and each value to copy.
 *
 * @param {Page} page
 */
export function guides(page) {
  const list = find('tools', HTMLElement);
  const tabs = [...list.querySelectorAll('button')];
  const panel = find('guide-panel', HTMLElement);
  /** What the guide was written for: it is fetched again when that changes. */
  let written = '';
  let chosen = tabs[0];

  list.addEventListener('click', ({ target }) => {
    const tab = tabs.find((each) => each === target);
    if (tab) choose(tab);
  });
  list.addEventListener('keydown', (event) => {
    const tab = tabAfter(
      event.key,
      tabs.filter(({ hidden }) => !hidden),
      chosen,
    );
    if (!tab) return;
    event.preventDefault();
    choose(tab);
    tab.focus();
  });
  find('launch', HTMLAnchorElement).addEventListener('click', () => page.acted());
  find('download', HTMLButtonElement).addEventListener('click', () => page.acted());

  /** @param {HTMLButtonElement} tab */
  function choose(tab) {
    chosen = tab;
    for (const each of tabs) {
      each.setAttribute('aria-selected', String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', tab.id);
    void load();
  }

  async function load() {
    const tool = chosen?.dataset['tool'];
    const path = `/v1/connections/${page.view().connection.id}/setup-guide`;
    panel.setAttribute('aria-busy', 'true');
    try {
      /** @type {[SetupGuide, SetupRendering]} */
      const [guide, rendering] = await Promise.all([
        page.call('GET', path),
        page.call('GET', `${path}/${tool}`),
      ]);
      if (tool !== chosen?.dataset['tool']) return;
      showValues(guide.values);
      showRendering(rendering, page);
    } catch (error) {
      showRendering({ content: refusalText(error), notes: [], launchUrl: null }, page);
    }
    panel.setAttribute('aria-busy', 'false');
  }

  /** @param {ConnectView} view */
  function show(view) {
    const { connection } = view;
    const missing =
      connection.bucket === null ||
      (connection.access !== 'access_key' && missingOf(connection) !== null);
    find('guide', HTMLElement).hidden = missing;
    find('guide-missing', HTMLElement).hidden = !missing;
    const isElsewhere = connection.access === 'access_key' && connection.endpoint !== null;
    for (const tab of tabs) {
      tab.hidden =
        isElsewhere && ['cloudformation', 'terraform'].includes(tab.dataset['tool'] ?? '');
    }
    if (chosen?.hidden) chosen = tabs.find(({ hidden }) => !hidden);
    const wanted = JSON.stringify([connection.bucket, connection.prefix, connection.accountId]);
    if (missing || written === wanted) return;
    written = wanted;
    if (chosen) choose(chosen);
  }
  return { show };
}

/**
 * Where a key leads in a row of tabs, as the ARIA practices have it.
 *
 * @template Tab
 * @param {string} key
 * @param {readonly Tab[]} tabs
 * @param {Tab | undefined} current
 * @returns {Tab | undefined} nothing for any other key
 */
function tabAfter(key, tabs, current) {
  const at = current === undefined ? -1 : tabs.indexOf(current);
  switch (key) {
    case 'ArrowRight':
      return tabs[(at + 1) % tabs.length];
    case 'ArrowLeft':
      return tabs.at(at - 1);
    case 'Home':
      return tabs[0];
    case 'End':
      return tabs.at(-1);
    default:
      return undefined;
  }
}

/** @param {readonly SetupValue[]} values */
function showValues(values) {
  fill(
    find('values', HTMLElement),
    values.flatMap(({ name, label, value, hint }) => {
      const text = make('code', { id: `value-${name}` }, value);
      return [
        make('dt', {}, label),
        make(
          'dd',
          {},
          text,
          ' ',
          copyButton(
            `Copy ${label}`,
            () => value,
            () => text,
          ),
          hint === undefined ? null : make('span', { class: 'quiet hint' }, hint),
        ),
      ];
    }),
  );
}

/**
 * @param {Pick<SetupRendering, 'content' | 'notes' | 'launchUrl'> & {readonly fileName?: string, readonly mediaType?: string}} rendering
 * @param {Page} page
 */
function showRendering({ content, notes, launchUrl, fileName, mediaType }, page) {
  const text = find('guide-text', HTMLPreElement);
  text.textContent = content;
  const copy = copyButton(
    'Copy this setup',
    () => content,
    () => text,
  );
  copy.addEventListener('click', () => page.acted());
  find('guide-copy', HTMLElement).replaceChildren(copy);
  const launch = find('launch', HTMLAnchorElement);
  launch.hidden = launchUrl === null;
  launch.href = launchUrl ?? '#';
  find('launched', HTMLElement).hidden = launchUrl === null;
  find('notes', HTMLUListElement).replaceChildren(...notes.map((note) => make('li', {}, note)));
  const download = find('download', HTMLButtonElement);
  download.hidden = fileName === undefined;
  download.textContent = `Download ${fileName}`;
  download.onclick = () => save(content, fileName ?? '', mediaType ?? 'text/plain');
}

/**
 * Hands a file to the browser, as if it had been downloaded.
 *
 * @param {string} content
 * @param {string} name
 * @param {string} type
 */
function save(content, name, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  make('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
