import { CausewayError, operations } from '@causeway/contract';
import { createORPCClient, onError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { decodeFailure, decodeLoss, refuseForeign, wrapFailure } from './failures.ts';

/** What may be said with a call, beside its input. */
export interface CallContext {
  /**
   * Makes it safe to repeat a call that creates something: the same key and input
   * give the first answer again. Up to 200 visible ASCII characters.
   */
  readonly idempotencyKey?: string;
}

/** The operations of the contract as functions: `client.customers.create(...)`. */
export type Client = ContractRouterClient<typeof operations, CallContext & Record<never, never>>;

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:7070`. */
  readonly baseUrl: string;
  /** `cwk_...`; operations that need no key work without. */
  readonly apiKey?: string;
  /** Replaces the runtime's own. */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Makes a client of one server. It opens no connection before the first call.
 *
 * Every call takes `{ signal, context: { idempotencyKey } }` as its last argument and
 * rejects with a {@link CausewayError}: that of the server, `server_unreachable`, or
 * `unexpected_response` when something else than Causeway has answered.
 *
 * @throws CausewayError `server_unreachable` when `baseUrl` is no HTTP address;
 * `unauthorized` when the key cannot be one.
 */
export function createClient(options: ClientOptions): Client {
  const baseUrl = parseBaseUrl(options.baseUrl);
  const headers = authorization(options.apiKey);
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const link = new OpenAPILink<CallContext & Record<never, never>>(operations, {
    url: baseUrl.href,
    headers: ({ context }) => ({
      ...headers,
      ...(context.idempotencyKey !== undefined && { 'idempotency-key': context.idempotencyKey }),
    }),
    fetch: (request, init) =>
      send(request, init).catch((error: unknown) => {
        throw decodeLoss(error, baseUrl.origin);
      }),
    customErrorResponseBodyDecoder: (body, response) => wrapFailure(body, response.status),
    clientInterceptors: [
      async ({ next }) => {
        const response = await next();
        refuseForeign(response, baseUrl.origin);
        return response;
      },
    ],
    interceptors: [
      onError((error) => {
        throw decodeFailure(error, baseUrl.origin);
      }),
      async ({ next }) => {
        const output = await next();
        return isStream(output) ? decodeStream(output, baseUrl.origin) : output;
      },
    ],
  });
  return createORPCClient(link);
}

function parseBaseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new CausewayError('server_unreachable', {
    url: url === null ? text : url.origin,
    reason: 'it does not start with "http://" or "https://"',
  });
}

/** Refused here, since the runtime's own refusal of a header repeats its value. */
function authorization(apiKey: string | undefined): Record<string, string> {
  if (apiKey === undefined) return {};
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new CausewayError('unauthorized', { found: 'malformed' });
  return { authorization: `Bearer ${apiKey}` };
}

function isStream(output: unknown): output is AsyncGenerator<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

async function* decodeStream(events: AsyncGenerator<unknown>, url: string) {
  try {
    yield* events;
  } catch (error) {
    throw decodeLoss(decodeFailure(error, url), url);
  }
}
