import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { runChannel } from './run-channel.ts';

export interface RunWatch {
  /**
   * Yields at once, and then whenever the run has changed: in this process or another.
   * Changes that come faster than they are taken are told as one. Ends with `signal`.
   */
  watchRun(runId: string, signal: AbortSignal): AsyncIterable<void>;
  close(): Promise<void>;
}

/** While the database does not tell of changes, watchers look by themselves this often. */
const lookAgainMs = 2_000;

interface Watcher {
  changed: boolean;
  wake: () => void;
}

/** One connection listens for all watchers; it is opened when the first one comes. */
export function runWatch(databaseUrl: string): RunWatch {
  const watchers = new Map<string, Set<Watcher>>();
  const closing = new AbortController();
  let listening: Promise<void> | undefined;

  const tell = (runId?: string) => {
    const told = runId === undefined ? [...watchers.values()] : [watchers.get(runId) ?? []];
    for (const watcher of told.flatMap((set) => [...set])) {
      watcher.changed = true;
      watcher.wake();
    }
  };

  return {
    async *watchRun(runId, signal) {
      listening ??= listenForEver(databaseUrl, tell, closing.signal);
      const watcher: Watcher = { changed: true, wake: () => {} };
      const wake = () => watcher.wake();
      const ended = AbortSignal.any([signal, closing.signal]);
      ended.addEventListener('abort', wake);
      add(watchers, runId, watcher);
      try {
        while (!ended.aborted) {
          if (watcher.changed) {
            watcher.changed = false;
            yield;
          } else {
            await new Promise<void>((resolve) => {
              watcher.wake = resolve;
            });
          }
        }
      } finally {
        ended.removeEventListener('abort', wake);
        remove(watchers, runId, watcher);
      }
    },
    async close() {
      closing.abort();
      await listening;
    },
  };
}

function add(watchers: Map<string, Set<Watcher>>, runId: string, watcher: Watcher): void {
  const set = watchers.get(runId) ?? new Set();
  watchers.set(runId, set.add(watcher));
}

function remove(watchers: Map<string, Set<Watcher>>, runId: string, watcher: Watcher): void {
  const set = watchers.get(runId);
  set?.delete(watcher);
  if (set?.size === 0) watchers.delete(runId);
}

/** Connects again after each loss; what was missed in between is made up for by telling all. */
async function listenForEver(
  databaseUrl: string,
  tell: (runId?: string) => void,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    await listenOnce(databaseUrl, tell, closing).catch(() => {
      // The pool's queries tell the user of a database that is gone.
    });
    tell();
    await sleep(lookAgainMs, undefined, { signal: closing, ref: false }).catch(() => {});
  }
}

async function listenOnce(
  databaseUrl: string,
  tell: (runId?: string) => void,
  closing: AbortSignal,
): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'causeway watch',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.on('end', () => resolve());
    closing.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await client.connect();
    client.on('notification', ({ payload }) => tell(payload));
    await client.query(`listen ${runChannel}`);
    tell();
    if (!closing.aborted) await lost;
  } finally {
    await client.end().catch(() => {});
  }
}
