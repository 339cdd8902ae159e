import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const maxMilliseconds = 60_000;

/** Where a browser is, or null. */
export function findChromium(): string | null {
  for (const path of ['/usr/bin/chromium', 'chromium']) {
    try {
      execFileSync(path, ['--version'], { stdio: 'ignore' });
      return path;
    } catch {
      // Not this one.
    }
  }
  return null;
}

/** A page in a browser, which runs what it is given. */
export interface BrowserPage {
  /** Such as `http://127.0.0.1:12345`. */
  readonly origin: string;
  /** Runs the body of an async function in the page, and answers with what it returns. */
  run(script: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Serves pages from an origin of their own, and opens each in a browser of its own. */
export async function openPage(chromium: string): Promise<BrowserPage> {
  let script = '';
  let settle: (answer: string) => void = () => undefined;
  const server = createServer((request, response) => {
    if (request.method === 'POST') void text(request).then((answer) => settle(answer));
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(request.method === 'GET' && request.url === '/' ? page(script) : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    run: async (body) => {
      script = body;
      const answered = new Promise<string>((resolve) => {
        settle = resolve;
      });
      const answer = JSON.parse(await whileOpen(chromium, `${origin}/`, answered)) as {
        readonly value?: unknown;
        readonly error?: string;
      };
      if (answer.error !== undefined) throw new Error(`The page failed: ${answer.error}`);
      return answer.value;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function page(script: string): string {
  return `<!doctype html><meta charset="utf-8"><script type="module">
    const run = async () => { ${script} };
    const answer = await run().then((value) => ({ value }), (error) => ({ error: String(error) }));
    await fetch('/', { method: 'POST', body: JSON.stringify(answer) });
  </script>`;
}

async function whileOpen<T>(chromium: string, url: string, done: Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'causeway-chromium-'));
  const child = spawn(
    chromium,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      // The address bar's popup is a page of its own, which takes longer than ours.
      '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
      `--user-data-dir=${profile}`,
      url,
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The page does not answer')), maxMilliseconds);
  });
  const early = exited.then(() => Promise.reject(new Error('The browser ended')));
  try {
    return await Promise.race([done, late, early]);
  } finally {
    clearTimeout(timer);
    early.catch(() => undefined);
    child.kill('SIGKILL');
    await exited;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
