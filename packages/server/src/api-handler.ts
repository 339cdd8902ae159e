import { createHash } from 'node:crypto';
import {
  type Actor,
  CausewayError,
  type OperationMeta,
  systemActor,
  toErrorBody,
} from '@causeway/contract';
import type { Store } from '@causeway/store';
import { OpenAPIHandler } from '@orpc/openapi/fastify';
import { ORPCError, type Router, type Schema } from '@orpc/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toCallerError } from './failures.ts';
import { describeIssues, refusalOfFields } from './input-issues.ts';
import type { Log } from './log.ts';
import type { OperationContext, RequestContext } from './operation-context.ts';
import { refuseUnstorableText } from './refuse-unstorable-text.ts';
import { requireSetup } from './require-setup.ts';
import type { FieldRules } from './routes/field-rules.ts';

export interface ApiHandlerDeps {
  // biome-ignore lint/suspicious/noExplicitAny: a router of any contract, as the library's own handlers take it
  readonly router: Router<any, OperationContext>;
  readonly rules?: FieldRules;
  readonly store: Pick<Store, 'actingAs' | 'idempotency'>;
  readonly log: Log;
}

/** Answers a request if one of the operations is meant; false otherwise. */
export type ApiHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
  context: RequestContext,
) => Promise<boolean>;

/**
 * Mounts the operations: input and output are held against their schemas, and every
 * failure leaves as the body that the contract gives errors.
 */
export function createApiHandler(deps: ApiHandlerDeps): ApiHandler {
  const failureOf = (error: unknown, context: RequestContext) => {
    const failure = toCallerError(error, context.request, deps.log);
    return { failure, body: toErrorBody(failure, context.request.id) };
  };
  const handler = new OpenAPIHandler<OperationContext>(deps.router, {
    interceptors: [
      async ({ next, context }) => {
        try {
          return await next();
        } catch (error) {
          const { failure, body } = failureOf(error, context);
          const headers = retryHeaders(failure);
          return { matched: true, response: { status: failure.status, headers, body } };
        }
      },
    ],
    clientInterceptors: [
      async ({ next, context }) => {
        const output = await next();
        if (!isStream(output)) return output;
        return mapErrors(output, (error) => {
          const { failure, body } = failureOf(error, context);
          return new ORPCError(failure.code, { status: failure.status, data: body });
        });
      },
      async ({ next, ...options }) => {
        const { context, input, path, procedure } = options;
        refuseUnstorableText(input);
        const meta: OperationMeta = procedure['~orpc'].meta;
        const { idempotencyKey: key, apiKeyId, session } = context;
        if (session !== null) requireSetup({ path, meta }, input, session);
        await refuseFields(procedure['~orpc'].inputSchema, input, deps.rules?.[path.join('.')]);
        if (meta.creates !== true || key === null || apiKeyId === null) return next();
        const bodyHash = hashOf([path, input]);
        return deps.store.idempotency.once({ key, apiKeyId, bodyHash }, (store) =>
          next({ ...options, context: { ...context, store } }),
        );
      },
    ],
  });
  return async (request, reply, context) => {
    const { matched } = await handler.handle(request, reply, {
      context: { ...context, store: deps.store.actingAs(actorOf(context)) },
    });
    return matched;
  };
}

/**
 * Where a field is refused for what it says, the faults that the schema finds are told with
 * it; where none is, the schema speaks for itself later.
 *
 * @throws CausewayError of that field if it is the only one, else `invalid_request`.
 */
async function refuseFields(
  schema: Schema<unknown, unknown> | undefined,
  input: unknown,
  rule: FieldRules[string] | undefined,
): Promise<void> {
  const refused = rule?.(input) ?? [];
  if (refused.length === 0) return;
  const { issues = [] } = (await schema?.['~standard'].validate(input)) ?? {};
  const refusal = refusalOfFields(describeIssues(issues), refused);
  if (refusal !== null) throw refusal;
}

function retryHeaders(failure: CausewayError): Record<string, string> {
  if (!CausewayError.is(failure, 'too_many_requests')) return {};
  return { 'retry-after': String(failure.details.retryAfterSeconds) };
}

function actorOf({ apiKeyId, session }: RequestContext): Actor {
  if (session !== null) return { type: 'setup_link', id: session.setupLinkId };
  return apiKeyId === null ? systemActor : { type: 'api_key', id: apiKeyId };
}

async function* mapErrors(
  events: AsyncIterable<unknown>,
  toError: (error: unknown) => Error,
): AsyncGenerator<unknown> {
  try {
    yield* events;
  } catch (error) {
    throw toError(error);
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** @throws CausewayError `invalid_request` unless the key is 1 to 200 visible ASCII characters. */
export function parseIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[!-~]{1,200}$/.test(header)) return header;
  const message = 'must be 1 to 200 visible ASCII characters';
  throw new CausewayError('invalid_request', { issues: [{ path: 'Idempotency-Key', message }] });
}
