import { CausewayError, ErrorBody, type ErrorCode, errorCodes } from '@causeway/contract';
import { ORPCError } from '@orpc/client';

/** Carries the answer of a failed request through the transport, which knows its own errors only. */
export function wrapFailure(body: unknown, status: number): ORPCError<string, unknown> {
  return new ORPCError('FAILED', { status, data: body });
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** @throws CausewayError `unexpected_response` for what no Causeway server sends: a page, a redirect. */
export function refuseForeign(answer: Answer, url: string): void {
  const type = String(answer.headers['content-type'] ?? '');
  if (/^(application\/json|text\/event-stream)\b/.test(type)) return;
  throw new CausewayError('unexpected_response', {
    url,
    status: answer.status,
    found: `its Content-Type is "${type}"`,
  });
}

/**
 * Turns whatever a call failed with into the error that the server meant. What is
 * not a failure of the call, such as the caller's own abort, stays as it is.
 */
export function decodeFailure(error: unknown, url: string): unknown {
  if (CausewayError.is(error)) return error;
  if (error instanceof ORPCError) return fromAnswer(error, url);
  if (error instanceof Error && error.cause instanceof SyntaxError) {
    const found = 'its body is not JSON';
    return new CausewayError('unexpected_response', { url, status: 200, found }, { cause: error });
  }
  if (error instanceof Error && error.cause instanceof TypeError)
    return decodeLoss(error.cause, url);
  return error;
}

/** A runtime's `fetch` and its streams fail with a `TypeError` when the connection does. */
export function decodeLoss(error: unknown, url: string): unknown {
  if (!(error instanceof TypeError)) return error;
  const reason = reasonOf(error);
  return new CausewayError('server_unreachable', { url, reason }, { cause: error });
}

function fromAnswer(answer: ORPCError<string, unknown>, url: string): CausewayError {
  const body = ErrorBody.safeParse(answer.data);
  if (!body.success) {
    return new CausewayError('unexpected_response', {
      url,
      status: answer.status,
      found: 'its body is not an error of Causeway',
    });
  }
  const { code, message, details } = body.data.error;
  if (isKnown(code)) {
    try {
      return Object.assign(new CausewayError(code, details as never), { message });
    } catch {
      // Details of another version, from which this one cannot write its message.
    }
  }
  const found = `the error "${code}", which says: ${message}`;
  return new CausewayError('unexpected_response', { url, status: answer.status, found });
}

function isKnown(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code);
}

/** Node hides the reason in the cause; browsers do not tell it. */
function reasonOf(error: TypeError): string {
  const cause: unknown = error.cause;
  if (!(cause instanceof Error)) return error.message;
  if (!('code' in cause)) return cause.message;
  return cause.code === 'ECONNREFUSED' ? 'nothing listens there' : String(cause.code);
}
