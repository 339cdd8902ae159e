import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { Store } from '@causeway/store';
import { createApiHandler } from './api-handler.ts';
import { createHttpServer } from './http-server.ts';
import { sampleOverview } from './page/testing/sample-overview.ts';
import { mountPages } from './pages.ts';
import { accessibilityFaults } from './testing/accessibility-faults.ts';
import { type Browser, browserIsMissing, openBrowser } from './testing/open-browser.ts';

let overview = sampleOverview;

const log = () => {};
const server = createHttpServer({
  log,
  authenticate: async () => null,
  resumeSession: async () => null,
  handle: createApiHandler({ router: {}, log, store: {} as Store }),
});
let port = 0;

before(async () => {
  mountPages(server, { version: '1.0', loadOverview: async () => overview });
  port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
});
after(() => server.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** `fetch` does not let a test choose the Host header. */
async function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, resolve).on('error', reject).end();
  });
  const { statusCode: status, headers: received } = response;
  return { status, headers: received, body: await text(response) };
}

function policyOf(answer: Answer): string {
  return String(answer.headers['content-security-policy']);
}

describe('mountPages()', () => {
  it('shows the page to this computer', async () => {
    for (const host of ['127.0.0.1', `localhost:${port}`, '[::1]:7070']) {
      const page = await get('/', { host });

      assert.equal(page.status, 200);
      assert.match(page.body, /Acme/, host);
    }
  });

  it('shows nothing of it under a foreign name, or through a proxy', async () => {
    for (const headers of [
      { host: 'evil.example' },
      { host: '127.0.0.1.evil.example' },
      { host: 'x' },
      { host: 'localhost', 'x-forwarded-for': '8.8.8.8' },
      { host: 'localhost', forwarded: 'for=8.8.8.8' },
    ]) {
      const page = await get('/', headers);

      assert.equal(page.status, 200);
      assert.doesNotMatch(page.body, /Acme/, JSON.stringify(headers));
    }
  });

  it('lets the page run its own script and style, and nothing else', async () => {
    const page = await get('/');
    const policy = policyOf(page);

    for (const tag of ['style', 'script']) {
      const body = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page.body)?.[1] ?? '';
      const hash = createHash('sha256').update(body).digest('base64');
      assert.ok(policy.includes(`${tag}-src 'sha256-${hash}'`), tag);
    }
    assert.match(policy, /^default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  });

  it('serves the description of the API', async () => {
    const answer = await get('/openapi.json');

    assert.match(String(answer.headers['content-type']), /^application\/json/);
    assert.equal(JSON.parse(answer.body).info.version, '1.0');
  });

  it('serves the reference from here alone', async () => {
    const moved = await get('/reference');
    assert.equal(moved.headers['location'], '/reference/');

    const page = await get('/reference/');
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.body, /https?:|\/\/[a-z]/i);
    assert.match(page.body, /"url": "\/openapi\.json"/);
    assert.match(policyOf(page), /connect-src 'self'/);
    const inline = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(page.body)?.[1];
    assert.ok(
      policyOf(page).includes(
        createHash('sha256')
          .update(inline ?? '')
          .digest('base64'),
      ),
    );
    assert.doesNotMatch(policyOf(page), /https?:|\*|script-src[^;]*unsafe/);

    const source = /<script src="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const script = await get(new URL(source, 'http://x/reference/').pathname);
    assert.equal(script.status, 200);
    assert.match(String(script.headers['content-type']), /javascript/);
    assert.ok(script.body.length > 1_000_000);
  });
});

describe("The operator's page in a browser", { skip: browserIsMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  const home = () => `http://127.0.0.1:${port}/`;

  for (const options of [{}, { dark: true }, { width: 390, height: 800 }]) {
    it(`keeps nobody out and fits, with ${JSON.stringify(options)}`, async () => {
      const tab = await browser.newTab(options);
      await tab.goto(home());

      assert.deepEqual(await tab.run(accessibilityFaults), []);
      assert.equal(await tab.run('document.documentElement.scrollWidth <= innerWidth'), true);
      assert.deepEqual(tab.problems, []);
      await tab.close();
    });
  }

  it('shows when deliveries run, what a run did and why a part of it failed, and goes on by itself', async () => {
    const tab = await browser.newTab();
    await tab.goto(home());
    const text = await tab.text();
    const [run] = sampleOverview.runs;
    assert.ok(run);
    overview = { ...sampleOverview, runs: [{ ...run, state: 'cancelled' }] };
    await tab.until(
      "[...document.querySelectorAll('.tag')].some((tag) => tag.innerText === 'cancelled')",
    );
    overview = sampleOverview;

    for (const shown of [
      'every 15 min\t2026-01-02 03:15:00 UTC',
      '30 6 * * * (Asia/Tokyo)\tpaused',
      'Delivered 1,234,567 rows in 2 files (20.4 MB) to 1 of 2 customers.',
      '2 s\t300 ms\t10.2 MB/s',
      "Cause write_denied, the customer's to mend",
      'Try this',
      'Tried again by itself',
    ]) {
      assert.ok(text.includes(shown), `${shown} in ${text}`);
    }
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });
});
