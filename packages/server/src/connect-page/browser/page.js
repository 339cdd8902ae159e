import { Refusal } from './api.js';
import { find } from './dom.js';
import { refusalText } from './field-errors.js';
import { isLetIn, isWorking, missingOf, pauseOf } from './progress.js';
import { showReport } from './report.js';
/**
 * @import { ConnectView } from '@causeway/contract'
 * @import { Seen } from './progress.js'
 */

/**
 * What the parts of the page share.
 *
 * @typedef {object} Page
 * @property {() => ConnectView} view
 * @property {(method: string, path: string, body?: object) => Promise<any>} call
 * @property {(method: string, path: string, body?: object) => Promise<void>} save
 *   changes something, shows what it has become and has it checked
 * @property {() => void} acted says that somebody is at work in AWS, so that checks come often
 */

/** @typedef {{readonly show: (view: ConnectView) => void}} Part */

/**
 * The life of the page:
 *
 * - *opening*: until the link was opened; tried again while there is no answer.
 * - *asking*: checks by itself until the connection works, at once after every change,
 *   seldom while nobody looks. Left when all passed and nothing is left to confirm.
 * - *closed*: the link was revoked or has expired. Nothing is asked any more.
 *
 * @param {Page['call']} ask
 * @param {(page: Page) => readonly Part[]} partsOf
 */
export function openPage(ask, partsOf) {
  /** @type {ConnectView | null} */
  let view = null;
  /** @type {Omit<Seen, 'now'>} */
  const seen = { openedAt: Date.now(), actedAt: null, letInAt: null };
  const clock = repeat(turn);

  /** @type {Page} */
  const page = {
    view() {
      if (view === null) throw new Error('The link was not opened yet');
      return view;
    },
    call: (method, path, body) => watched(ask(method, path, body), clock),
    async save(method, path, body) {
      await page.call(method, path, body);
      await refresh();
      page.acted();
    },
    acted() {
      seen.actedAt = Date.now();
      clock.hurry();
    },
  };
  const parts = partsOf(page);

  async function refresh() {
    view = await page.call('GET', '/v1/connect/connection');
    for (const part of parts) part.show(page.view());
    showReport(page.view(), { ...seen, now: Date.now() });
    find('opening', HTMLElement).hidden = true;
    find('setup', HTMLElement).hidden = false;
  }

  /** @param {boolean} isAsked whether it is because of something that was done here */
  async function turn(isAsked) {
    try {
      if (view === null) await refresh();
      await check(isAsked);
      find('check-answer', HTMLElement).textContent = '';
      if (isWorking(page.view().connection)) return null;
      return pauseOf(page.view(), { ...seen, now: Date.now() }, document.hidden);
    } catch (error) {
      find(view === null ? 'opening' : 'check-answer', HTMLElement).textContent =
        refusalText(error);
      return pauseAfter(error);
    }
  }

  /** What works already waits to be confirmed, or for somebody who wants it checked. */
  async function check(/** @type {boolean} */ isAsked) {
    const { id, lastCheck: before, status } = page.view().connection;
    const isDue = isAsked || before?.outcome !== 'healthy';
    if (isDue && missingOf(page.view().connection) === null && status !== 'paused') {
      const report = await page.call('POST', `/v1/connections/${id}/check`, {});
      if (isLetIn(report)) {
        seen.letInAt ??= before && isLetIn(before) ? Date.parse(before.checkedAt) : Date.now();
      }
    }
    await refresh();
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) clock.wake();
  });
  addEventListener('online', clock.wake);
  clock.hurry();
}

/**
 * Takes turns one at a time. A turn says how many seconds to pause after it, or that it
 * was the last until somebody hurries.
 *
 * @param {(isHurried: boolean) => Promise<number | null>} turn
 */
function repeat(turn) {
  let timer = 0;
  let isBusy = false;
  let isHurried = false;
  let isResting = false;
  let isOver = false;

  async function begin() {
    clearTimeout(timer);
    if (isBusy || isOver) return;
    isBusy = true;
    const hurried = isHurried;
    isHurried = false;
    const pause = await turn(hurried);
    isBusy = false;
    isResting = pause === null;
    if (isHurried) void begin();
    else if (pause !== null && !isOver) {
      timer = setTimeout(() => void begin(), pause * 1000 * (0.9 + Math.random() / 5));
    }
  }

  return {
    /** Takes a turn now, or as soon as the one under way is over. */
    hurry() {
      isHurried = true;
      void begin();
    },
    /** Ends a pause. */
    wake() {
      if (!isResting) void begin();
    },
    end() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/**
 * Whatever is asked may find that the network or the link has gone.
 *
 * @template Answer
 * @param {Promise<Answer>} answer
 * @param {{readonly end: () => void}} clock
 */
async function watched(answer, clock) {
  const offline = find('offline', HTMLElement);
  try {
    const value = await answer;
    offline.hidden = true;
    return value;
  } catch (error) {
    offline.hidden = !(error instanceof Refusal && error.offline);
    if (error instanceof Refusal && error.closed) {
      clock.end();
      showClosed(error);
    }
    throw error;
  }
}

/** @param {Refusal} refusal */
function showClosed(refusal) {
  find('setup', HTMLElement).hidden = true;
  find('opening', HTMLElement).hidden = true;
  find('closed', HTMLElement).hidden = false;
  find('closed-text', HTMLElement).textContent = refusalText(refusal);
  document.title = 'This link cannot be used';
}

/**
 * @param {unknown} error
 * @returns {number} in seconds
 */
function pauseAfter(error) {
  if (!(error instanceof Refusal)) throw error;
  return error.retryAfterSeconds || (error.offline ? 5 : 10);
}
