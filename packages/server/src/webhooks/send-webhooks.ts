import type { SecretVault } from '@causeway/connections';
import { CausewayError } from '@causeway/contract';
import type { DueMessage, Store, TryOutcome } from '@causeway/store';
import type { Log } from '../log.ts';
import { postWebhook, type WebhookAnswer } from './post-webhook.ts';
import { webhookHeaders } from './sign-webhook.ts';
import type { WebhookAddresses } from './webhook-addresses.ts';
import { webhookBody } from './webhook-body.ts';
import { webhookSecretPlace } from './webhook-secret-place.ts';

export interface SendWebhooksDeps {
  readonly store: Pick<Store, 'webhookQueue'>;
  readonly secrets: Pick<SecretVault, 'read'>;
  readonly addresses: WebhookAddresses;
  readonly now: () => Date;
  readonly log: Log;
}

export interface WebhookSender {
  /** Looks for messages now. Resolves when all that were due have been tried. */
  round(): Promise<void>;
  /** Takes nothing new and gives up what is under way, which is tried again later. */
  stop(): Promise<void>;
}

const lookMs = 1_000;
const forgetMs = 3_600_000;
const keptDays = 30;
/** One receiver gets so many at once; see `WebhookQueue.takeDue`. */
const perWebhook = 4;

const [second, minute, hour] = [1, 60, 3600];
/** Seconds after each try that failed: fourteen tries in a little more than three days. */
export const retryDelays = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  12 * hour,
  12 * hour,
  12 * hour,
  14 * hour,
] as const;

/**
 * Sends messages from the outbox for as long as this process runs. A message counts as
 * delivered when it was answered with 200 to 299, and is sent again otherwise: a receiver may get
 * one more than once, always with the same `webhook-id`.
 */
export function sendWebhooks(deps: SendWebhooksDeps): WebhookSender {
  const stopped = new AbortController();
  const underway = new Set<Promise<void>>();
  let forgottenAt = 0;
  const take = async () => {
    if (stopped.signal.aborted) return;
    const due = await deps.store.webhookQueue.takeDue(deps.now(), { perWebhook });
    for (const message of due) {
      // What waited behind it is taken at once, and not at the next look.
      const sending = send(message, stopped.signal, deps).then(look);
      underway.add(sending);
      sending.finally(() => underway.delete(sending)).catch(() => {});
    }
  };
  const lookNow = async () => {
    try {
      await take();
      if (Date.now() - forgottenAt < forgetMs) return;
      forgottenAt = Date.now();
      await deps.store.webhookQueue.forget(keptDays);
    } catch (error) {
      deps.log({ level: 'error', event: 'webhooks:failed', error });
    }
  };
  let looks = Promise.resolve();
  /** One after the other, so that whoever waits for a look has waited for those before. */
  const look = () => {
    looks = looks.then(lookNow);
    return looks;
  };
  const timer = setInterval(() => void look(), lookMs);
  const round = async () => {
    await look();
    while (underway.size > 0) await Promise.all(underway);
  };
  void look();
  return {
    round,
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await looks;
      while (underway.size > 0) await Promise.all(underway);
      deps.addresses.close();
    },
  };
}

/** Tries once and writes down what came of it. Never throws. */
async function send(
  message: DueMessage,
  signal: AbortSignal,
  deps: SendWebhooksDeps,
): Promise<void> {
  const { webhookId, event } = message;
  try {
    const at = deps.now();
    const started = performance.now();
    const answer = await exchange(message, at, signal, deps);
    // It is in nobody's hand in a minute, and tried again then.
    if (signal.aborted && 'error' in answer) return;
    const outcome = outcomeOf(answer, message.tries, at);
    const attempt = {
      at: at.toISOString(),
      durationMs: Math.round(performance.now() - started),
      status: 'status' in answer ? answer.status : null,
      error: 'error' in answer ? answer.error : null,
      bodyStart: 'bodyStart' in answer && answer.bodyStart !== '' ? answer.bodyStart : null,
    };
    await deps.store.webhookQueue.record(message, attempt, outcome);
    if (outcome.state === 'delivered') return;
    const { status, error } = attempt;
    const told = { webhookId, eventId: event.id, state: outcome.state, status, reason: error };
    deps.log({ level: 'warn', event: 'webhook:not_delivered', ...told });
  } catch (error) {
    deps.log({ level: 'error', event: 'webhooks:failed', webhookId, eventId: event.id, error });
  }
}

async function exchange(
  { webhookId, url, event, secretNumbers }: DueMessage,
  at: Date,
  signal: AbortSignal,
  { secrets, addresses }: SendWebhooksDeps,
): Promise<WebhookAnswer> {
  const body = webhookBody(event);
  const places = secretNumbers.map((number) => webhookSecretPlace(webhookId, number));
  const read = await Promise.all(places.map((place) => secrets.read(place)));
  const signing = read.filter((secret) => secret !== null);
  if (signing.length === 0) return { error: 'its secret is missing' };
  const timestampSeconds = Math.floor(at.getTime() / 1000);
  const headers = webhookHeaders({ id: event.id, timestampSeconds, body }, signing);
  try {
    return await postWebhook({ url, headers, body, agents: addresses.agents(url), signal });
  } catch (error) {
    if (CausewayError.is(error, 'webhook_url_not_allowed')) return { error: error.message };
    throw error;
  }
}

/** The longest that a receiver may ask us to wait. */
const longestAskedSeconds = 24 * hour;

/** @param tries Before this one. */
function outcomeOf(answer: WebhookAnswer, tries: number, at: Date): TryOutcome {
  const status = 'status' in answer ? answer.status : null;
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered' };
  if (status === 410) return { state: 'gone' };
  const delay = retryDelays[tries];
  if (delay === undefined) return { state: 'failed' };
  const asked = 'retryAfterSeconds' in answer ? (answer.retryAfterSeconds ?? 0) : 0;
  // Up to a tenth later, so that what failed together does not come back together.
  const seconds = Math.max(delay * (1 + Math.random() / 10), Math.min(asked, longestAskedSeconds));
  return { state: 'pending', nextAttemptAt: new Date(at.getTime() + seconds * 1000) };
}
