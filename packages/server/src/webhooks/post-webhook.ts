import type { IncomingMessage } from 'node:http';
import { type GuardedAgents, requestBy } from '@causeway/objectstore';
import { version } from '../version.ts';

export interface PostWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly agents: GuardedAgents;
  readonly signal: AbortSignal;
}

/** What the other side said; its text is not to be trusted. */
export type WebhookAnswer =
  | {
      readonly status: number;
      readonly bodyStart: string;
      readonly retryAfterSeconds: number | null;
    }
  | { readonly error: string };

const timeoutMs = 20_000;
const keptBytes = 1000;

/** Sends one message. Follows no redirect, and reads no more of the answer than is kept. Never throws. */
export async function postWebhook(input: PostWebhook): Promise<WebhookAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([timeout, input.signal]);
  try {
    return await exchange(input, signal);
  } catch (error) {
    if (timeout.aborted) return { error: `no answer within ${timeoutMs / 1000} seconds` };
    return { error: reasonOf(error) };
  }
}

async function exchange(
  { url, headers, body, agents }: PostWebhook,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = requestBy(agents, new URL(url), {
    method: 'POST',
    signal,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': `Causeway/${version}`,
    },
  });
  request.on('response', resolve);
  request.on('error', reject);
  request.end(body);
  const response = await promise;
  const bodyStart = await readStart(response);
  const { statusCode: status = 0, headers: answered } = response;
  return { status, bodyStart, retryAfterSeconds: secondsOf(answered['retry-after']) };
}

/** What cannot be stored or shown as text becomes the replacement character. */
async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= keptBytes) break;
    }
  } catch {
    // The status was answered, and that is what counts.
  }
  const start = Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8');
  return start.replaceAll('\0', '\ufffd');
}

function secondsOf(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : null;
}

/** Node tells of several addresses tried in one error without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
