import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Run } from '@causeway/contract';
import { formatBytes, formatDuration } from './format.ts';
import { html } from './html.ts';
import type { Overview } from './overview.ts';
import { renderPage } from './render-page.ts';
import { sampleOverview } from './testing/sample-overview.ts';

const empty: Overview = {
  customers: [],
  connections: [],
  datasets: [],
  deliveries: [],
  runs: [],
  cut: [],
};

describe('renderPage()', () => {
  it('shows each connection with the steps of its last check, what was found and what to do', () => {
    const page = renderPage(sampleOverview, '1.0');

    for (const shown of [
      'Acme',
      's3://acme-data/causeway/',
      '<span class="tag bad">Insecure</span>',
      'AWS let us in, since',
      '<dd class="next">Send the customer the fix: Add the condition on sts:ExternalId</dd>',
      '1 of 2 steps passed',
      'AWS let us in',
      'Add the condition on sts:ExternalId',
    ]) {
      assert.ok(page.includes(shown), shown);
    }
  });

  it('says of a run under way how far it is, and claims nothing that nobody knows', () => {
    const [run] = sampleOverview.runs;
    assert.ok(run);
    const [first, second] = run.recipients;
    assert.ok(first && second);
    const shown = (change: Partial<Run>) =>
      renderPage({ ...sampleOverview, runs: [{ ...run, state: 'running', ...change }] }, '1.0');
    const preparing = { ...second, state: 'preparing', bytes: 1_000_000 } as const;

    const ofSeveral = shown({ recipients: [first, preparing], fractionDone: 0.5 });
    assert.match(ofSeveral, /done with 1 of 2 customers \(50 %\), 21\.4 MB uploaded so far/);
    const ofOne = shown({ recipients: [preparing], fractionDone: null });
    assert.match(ofOne, /Under way: 1 MB uploaded so far\./);
    assert.match(shown({ state: 'queued' }), /Waits for a worker\./);
    const resting = shown({ state: 'queued', resumeAt: '2026-01-02T04:04:08.000Z' });
    assert.match(resting, /Rests, as .*, not before <time [^>]*>2026-01-02 04:04:08 UTC</);
  });

  it('shows what each customer received in each run, and why one did not', () => {
    const page = renderPage(sampleOverview, '1.0');

    for (const shown of [
      'Daily flights',
      '1,234,567',
      '20.4 MB',
      'took 2.5 s',
      'causeway/_manifests/flights/dt=2026-01-02/manifest_run_1.json',
      'Delivered 1,234,567 rows in 2 files (20.4 MB) to 1 of 2 customers.',
      '<td class="number">2 s</td>',
      '<td class="number">300 ms</td>',
      '<td class="number">10.2 MB/s</td>',
      '4,323, 7 of them again',
      '2 attempts',
      '<span class="tag good">received</span>',
      'Thank you',
      'It did not work',
      'Cause <code>write_denied</code>, the customer&#39;s to mend',
      'Try this',
      'once a check finds the connection healthy',
      'Taken up 2 times',
      'Does again what failed of <code>run_0</code>',
      'asked for by API key <code>key_1</code>',
      'at work for them: 1 customer<',
    ]) {
      assert.ok(page.includes(shown), shown);
    }
  });

  it('shows to whom each delivery goes, when it runs next, and that one is paused', () => {
    const page = renderPage(sampleOverview, '1.0');

    for (const shown of [
      '<td>every 15 min</td><td><time datetime="2026-01-02T03:15:00.000Z">',
      '<td>customers with plan = pro</td>',
      '<td>30 6 * * * (Asia/Tokyo)</td><td><span class="tag mild">paused</span></td>',
    ]) {
      assert.ok(page.includes(shown), shown);
    }
  });

  it('says how to begin when there is nothing', () => {
    const page = renderPage(empty, '1.0');

    assert.match(page, /No customers yet/);
    assert.match(page, /No runs yet/);
  });

  it('shows nothing of what is kept to a stranger, but where things are', () => {
    const page = renderPage(null, '1.0');

    assert.match(page, /href="\/reference\/"/);
    assert.match(page, /href="\/openapi.json"/);
    assert.doesNotMatch(page, /<script|customers yet/);
  });

  it('asks no other server for anything', () => {
    assert.doesNotMatch(
      renderPage(sampleOverview, '1.0'),
      /(src|href)="(?!\/|data:)|url\(|@import|https?:/,
    );
  });

  it('escapes whatever comes from outside', () => {
    const hostile = '</style></script><script>alert(1)</script><img src=x onerror="alert(1)">\'`&';
    const page = renderPage(replaceTexts(sampleOverview, hostile), hostile);
    const clean = renderPage(replaceTexts(sampleOverview, 'x'), 'x');

    assert.equal(tagsOf(page), tagsOf(clean));
    assert.ok(page.includes('&lt;script&gt;alert(1)'));
  });
});

/** Every text becomes the given one, but for words and times that the schemas fix. */
function replaceTexts(value: Overview, text: string): Overview {
  const kept = [
    'state',
    'status',
    'verdict',
    'outcome',
    'customerId',
    'cut',
    'mode',
    'compression',
    'side',
    'awaits',
    'match',
    'type',
  ];
  const json = JSON.stringify(value, (key, member: unknown) => {
    if (typeof member !== 'string' || kept.includes(key) || /^at$|At$/.test(key)) return member;
    return key === 'id' && member === 'cus_1' ? member : text;
  });
  return JSON.parse(json);
}

/** The page's markup without its text and without the values of its attributes. */
function tagsOf(page: string): string {
  return [...page.matchAll(/<\/?([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/g)]
    .map(([, name, attributes = '']) => name + attributes.replace(/="[^"]*"/g, ''))
    .join(' ');
}

describe('html', () => {
  it('escapes values, joins lists and leaves out what is not there', () => {
    const made = html`<p title="${'"\'`'}">${['<a>', html`<b>${1}</b>`]}${null}${undefined}${false}</p>`;

    assert.equal(made.markup, '<p title="&quot;&#39;&#96;">&lt;a&gt;<b>1</b></p>');
  });
});

describe('formatBytes(), formatDuration()', () => {
  it('choose the unit that a reader would', () => {
    assert.deepEqual([0, 999, 1000, 999_950, 1_500_000].map(formatBytes), [
      '0 B',
      '999 B',
      '1 kB',
      '1 MB',
      '1.5 MB',
    ]);
    assert.deepEqual([0, 999, 1000, 59_949, 59_950, 245_000].map(formatDuration), [
      '0 ms',
      '999 ms',
      '1 s',
      '59.9 s',
      '1 min 0 s',
      '4 min 5 s',
    ]);
  });
});
