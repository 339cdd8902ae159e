import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevTools, openDevTools } from './dev-tools.ts';

/** Why tests in a browser cannot run here, which their report says then; false when they can. */
export function browserIsMissing(): string | false {
  try {
    execFileSync('chromium', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'There is no program "chromium" here: install it';
  }
}

/** A real browser, without a window. */
export interface Browser {
  /** A tab that shares nothing with others: no cookie, no cache, no storage. */
  newTab(options?: TabOptions): Promise<Tab>;
  close(): Promise<void>;
}

export interface TabOptions {
  /** In CSS pixels; 1,200 by 900 without. */
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

export interface Tab {
  /** Goes to an address and waits until all of it is there. */
  goto(url: string): Promise<void>;
  /** Runs an expression in the page, such as `document.title`, and waits for it if it is a promise. */
  run<T = unknown>(expression: string): Promise<T>;
  /** Waits until an expression is truthy, and answers with its value. @throws Error with what the page shows. */
  until<T = unknown>(expression: string): Promise<T>;
  /** All text that a person can see. */
  text(): Promise<string>;
  /** Clicks where the element is, with the mouse. */
  click(selector: string): Promise<void>;
  /** Puts the focus on a field and types over what is in it, with the keyboard. */
  fill(selector: string, text: string): Promise<void>;
  /** Presses keys, such as `Tab`, `Shift+Tab`, `Enter`, ` `, `ArrowDown`, one after the other. */
  press(...keys: readonly string[]): Promise<void>;
  /** Cuts the tab off the network, or lets it in again. */
  setOffline(offline: boolean): Promise<void>;
  /** Writes a picture of the whole page. */
  screenshot(file: string): Promise<void>;
  /** Everything that a developer would see in red: exceptions, console errors, what the CSP refused. */
  readonly problems: readonly string[];
  /** Every address that was asked for, in order. */
  readonly requested: readonly string[];
  close(): Promise<void>;
}

/** Starts Chromium, steered through a pipe: it listens nowhere. */
export async function openBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'causeway-browser-'));
  const child = spawn(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      // What a person's browser does besides: none of it is for tests.
      '--disable-background-networking',
      '--disable-component-extensions-with-background-pages',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-extensions',
      '--disable-sync',
      // Each window would load the page of its address bar's popup: twice the work of a test's own page.
      '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
      '--metrics-recording-only',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'exit');
  const tools = openDevTools(child);
  return {
    newTab: (options = {}) => openTab(tools, options),
    async close() {
      child.kill('SIGKILL');
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function openTab(tools: DevTools, options: TabOptions): Promise<Tab> {
  const { width = 1200, height = 900, dark = false } = options;
  const { browserContextId } = await tools.send('Target.createBrowserContext');
  const { targetId } = await tools.send('Target.createTarget', {
    url: 'about:blank',
    browserContextId,
  });
  const attached = await tools.send('Target.attachToTarget', { targetId, flatten: true });
  const page = tools.session(String(attached['sessionId']));
  const seen = await watch(page);
  await page.send('Emulation.setDeviceMetricsOverride', {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: false,
  });
  const features = [
    { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
    // Painting a mark that pulses takes a third of a processor.
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ];
  await page.send('Emulation.setEmulatedMedia', { features });
  return {
    ...seen,
    ...reading(page),
    ...acting(page),
    async close() {
      await tools.send('Target.disposeBrowserContext', { browserContextId });
    },
  };
}

async function watch(page: DevTools): Promise<Pick<Tab, 'problems' | 'requested'>> {
  const problems: string[] = [];
  const requested: string[] = [];
  page.on('Runtime.exceptionThrown', ({ exceptionDetails }) => {
    problems.push(JSON.stringify(exceptionDetails));
  });
  page.on('Runtime.consoleAPICalled', ({ type, args }) => {
    if (type === 'error' || type === 'assert') problems.push(JSON.stringify(args));
  });
  // What the browser itself complains of: the CSP, mixed content, what did not load.
  page.on('Log.entryAdded', ({ entry }) => {
    const { level, source, text, url } = entry as Readonly<Record<string, string>>;
    // An answer of 4xx is what a test may be after.
    if (level === 'error' && source !== 'network') problems.push(`${source}: ${text} ${url ?? ''}`);
  });
  page.on('Network.requestWillBeSent', ({ request }) => {
    const { url, urlFragment = '' } = request as Readonly<Record<string, string>>;
    requested.push(`${url}${urlFragment}`);
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
  return { problems, requested };
}

/** How long something may take to appear. Generous: only what fails takes as long. */
const patienceMs = 20_000;

function reading(page: DevTools) {
  const run = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await page.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { readonly value: T }).value;
  };
  const text = () => run<string>('document.body.innerText');
  return {
    run,
    text,
    async goto(url: string) {
      const loaded = page.next('Page.loadEventFired');
      const { errorText } = await page.send('Page.navigate', { url });
      if (errorText) throw new Error(`${url}: ${String(errorText)}`);
      await loaded;
    },
    async until<T>(expression: string): Promise<T> {
      const waited = await run<T | false>(`new Promise((resolve) => {
        const end = Date.now() + ${patienceMs};
        const look = () => {
          const value = (() => { try { return ${expression}; } catch { return false; } })();
          if (value) resolve(value);
          else if (Date.now() > end) resolve(false);
          else setTimeout(look, 50);
        };
        look();
      })`);
      if (waited === false) throw new Error(`Never true: ${expression}\n${await text()}`);
      return waited;
    },
    async screenshot(file: string) {
      const { data } = await page.send('Page.captureScreenshot', { captureBeyondViewport: true });
      await writeFile(file, Buffer.from(String(data), 'base64'));
    },
  };
}

function acting(page: DevTools) {
  const { run } = reading(page);
  const press = async (...keys: readonly string[]) => {
    for (const each of keys) {
      const [key = '', ...held] = each.split('+').reverse();
      const modifiers = held.includes('Shift') ? 8 : held.includes('Control') ? 2 : 0;
      const typed = { Enter: '\r', ' ': ' ' }[key];
      const code = keyCodes[key] ?? key.toUpperCase().charCodeAt(0);
      const event = { key, code: key, windowsVirtualKeyCode: code, modifiers };
      const text = typed === undefined ? {} : { text: typed };
      await page.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...text });
      await page.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    }
  };
  return {
    press,
    async click(selector: string) {
      const at = await run<{ x: number; y: number; top: boolean }>(`(() => {
        const element = document.querySelector(${JSON.stringify(selector)});
        element.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { left, top, width, height } = element.getBoundingClientRect();
        const x = left + width / 2, y = top + height / 2;
        const hit = document.elementFromPoint(x, y);
        return { x, y, top: width > 0 && (element.contains(hit) || hit?.contains(element) === true) };
      })()`);
      if (!at.top) throw new Error(`Nobody can click on ${selector}: it is hidden or covered`);
      const button = { x: at.x, y: at.y, button: 'left', clickCount: 1 };
      await page.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...button });
      await page.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...button });
    },
    async fill(selector: string, text: string) {
      await run(`(() => {
        const field = document.querySelector(${JSON.stringify(selector)});
        field.focus();
        if (document.activeElement !== field) throw new Error('It takes no focus');
        field.select();
      })()`);
      if (text === '') await press('Delete');
      else await page.send('Input.insertText', { text });
    },
    async setOffline(offline: boolean) {
      await page.send('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    },
  };
}

/** Of Windows, which the protocol speaks everywhere. */
const keyCodes: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ' ': 32,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
  Delete: 46,
};
