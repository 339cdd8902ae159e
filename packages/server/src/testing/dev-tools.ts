import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

type Values = Readonly<Record<string, unknown>>;

/** One side of the Chrome DevTools Protocol: commands out, answers and events in. */
export interface DevTools {
  send(method: string, params?: Values): Promise<Values>;
  on(event: string, listener: (params: Values) => void): void;
  next(event: string): Promise<Values>;
  /** The same, for one tab. */
  session(sessionId: string): DevTools;
}

interface Message extends Values {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Values;
  readonly result?: Values;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly method: string;
  readonly resolve: (result: Values) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Speaks with a browser over its descriptors 3 and 4, as `--remote-debugging-pipe` has it:
 * JSON, with a NUL after each message. What waits when the browser ends fails.
 */
export function openDevTools(child: ChildProcess): DevTools {
  const input = child.stdio[3] as Writable;
  const output = child.stdio[4] as Readable;
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, ((params: Values) => void)[]>();
  let lastId = 0;
  let rest = '';
  let isOver = false;

  const take = (message: Message) => {
    const { id, method, sessionId = '', params = {}, result = {}, error } = message;
    if (id === undefined) {
      for (const listener of listeners.get(`${sessionId} ${method}`) ?? []) listener(params);
      return;
    }
    const asked = pending.get(id);
    pending.delete(id);
    if (error) asked?.reject(new Error(`${asked.method}: ${error.message}`));
    else asked?.resolve(result);
  };
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = `${rest}${chunk}`.split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) take(JSON.parse(message) as Message);
  });
  input.on('error', () => {});
  const end = () => {
    isOver = true;
    for (const { method, reject } of pending.values()) {
      reject(new Error(`${method}: the browser has ended`));
    }
    pending.clear();
  };
  child.on('exit', end).on('error', end);

  const at = (sessionId: string): DevTools => ({
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        if (isOver) return reject(new Error(`${method}: the browser has ended`));
        lastId += 1;
        pending.set(lastId, { method, resolve, reject });
        const session = sessionId === '' ? {} : { sessionId };
        input.write(`${JSON.stringify({ id: lastId, method, params, ...session })}\0`);
      }),
    on: (event, listener) => {
      const key = `${sessionId} ${event}`;
      listeners.set(key, [...(listeners.get(key) ?? []), listener]);
    },
    next: (event) =>
      new Promise((resolve) => {
        const key = `${sessionId} ${event}`;
        const once = (params: Values) => {
          listeners.set(
            key,
            (listeners.get(key) ?? []).filter((each) => each !== once),
          );
          resolve(params);
        };
        listeners.set(key, [...(listeners.get(key) ?? []), once]);
      }),
    session: at,
  });
  return at('');
}
