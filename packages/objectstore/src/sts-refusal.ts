import { CausewayError } from '@causeway/contract';
import { reasonOf } from './to-causeway-error.ts';

/** AWS's own answer when STS says no. */
export interface StsRefusal {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly requestId: string | null;
}

const busy = /^(Throttling|ThrottlingException|RequestLimitExceeded|SlowDown|RequestTimeout)$/;

/**
 * Turns what an STS client threw into STS's refusal.
 *
 * @throws CausewayError `store_unavailable` when STS did not decide: it could not be
 * reached, was busy or broken. Bugs and aborts are thrown on as they are.
 */
export function stsRefusal(error: unknown, operation: string): StsRefusal {
  if (!(error instanceof Error) || error.name === 'AbortError' || CausewayError.is(error)) {
    throw error;
  }
  const { httpStatusCode: status, requestId } = metadataOf(error);
  if (status !== undefined && status >= 400 && status < 500 && !busy.test(error.name)) {
    return {
      ok: false,
      code: error.name,
      message: error.message,
      status,
      requestId: requestId ?? null,
    };
  }
  if (status === undefined && !('code' in error) && error.name === 'Error') throw error;
  throw new CausewayError(
    'store_unavailable',
    { operation, reason: reasonOf(error) },
    { cause: error },
  );
}

interface SdkMetadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
}

function metadataOf(error: Error): SdkMetadata {
  return (error as { readonly $metadata?: SdkMetadata }).$metadata ?? {};
}
