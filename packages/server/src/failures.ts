import { CausewayError } from '@causeway/contract';
import { ORPCError, ValidationError } from '@orpc/server';
import { describeIssues } from './input-issues.ts';
import type { Log } from './log.ts';
import { bodyLimitOf, bodyTypeOf } from './operation-table.ts';

/** Bodies larger than this are refused unread: the largest input is a list of 10,000 ids. */
export const bodyLimitBytes = 1_048_576;

/** The request that failed, as it is told to its caller and to the log. */
export interface FailedRequest {
  readonly id: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly contentType?: string | undefined;
}

/**
 * The error that a caller is told, whatever was thrown. What is not the caller's to
 * act on becomes `internal` and goes to the log under the id of the request.
 */
export function toCallerError(error: unknown, request: FailedRequest, log: Log): CausewayError {
  if (CausewayError.is(error, 'database_unreachable')) {
    logFailure(error, request, log);
    return new CausewayError('database_unreachable', unnamedDatabase, { cause: error });
  }
  if (CausewayError.is(error)) return error;
  return fromInputIssues(error) ?? fromTransport(error, request) ?? internal(error, request, log);
}

/** The router refuses an input and an output that do not fit their schemas in the same way, but for the code. */
function fromInputIssues(error: unknown): CausewayError | null {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST') return null;
  if (!(error.cause instanceof ValidationError)) return null;
  return new CausewayError('invalid_request', { issues: describeIssues(error.cause.issues) });
}

/** Fastify's own refusals, by the code that it documents for each. */
function fromTransport(error: unknown, request: FailedRequest): CausewayError | null {
  if (!(error instanceof Error && 'code' in error)) return null;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new CausewayError('body_too_large', {
        limitBytes: bodyLimitOf(request.method, request.path) ?? bodyLimitBytes,
      });
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalidBody('the body is not valid JSON');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new CausewayError('media_type_not_supported', {
        found: request.contentType ?? '',
        expected: bodyTypeOf(request.method, request.path),
      });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidBody('the body is not as long as its Content-Length says');
    case 'FST_ERR_BAD_URL':
      return invalidBody('the address is not validly encoded');
    default:
      return null;
  }
}

function invalidBody(message: string): CausewayError {
  return new CausewayError('invalid_request', { issues: [{ path: '', message }] });
}

/** Who asks may have no key, and which server it is and why is for the log. */
const unnamedDatabase = { server: 'its server', reason: 'there is no answer' };

function internal(error: unknown, request: FailedRequest, log: Log): CausewayError {
  logFailure(error, request, log);
  return new CausewayError('internal', { requestId: request.id }, { cause: error });
}

function logFailure(error: unknown, request: FailedRequest, log: Log): void {
  log({
    level: 'error',
    event: 'http:request:failed',
    requestId: request.id,
    method: request.method,
    path: request.path,
    error: withoutData(error),
  });
}

/** An output that does not fit is described by its issues: the data itself is a customer's. */
function withoutData(error: unknown): unknown {
  if (!(error instanceof ORPCError)) return error;
  const { message, stack, cause } = error;
  const issues = cause instanceof ValidationError ? cause.issues : undefined;
  return { name: 'ORPCError', message, stack, issues, cause: issues ? undefined : cause };
}
