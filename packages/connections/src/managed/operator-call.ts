import { CausewayError } from '@causeway/contract';
import { type Attempt, attempt } from '../check/attempt.ts';

type Send<T> = Parameters<typeof attempt<T & { readonly $metadata: object }>>[1];

/**
 * Makes one AWS call in the operator's own account, where a refusal is for the operator
 * to mend.
 *
 * @param resource What it works on, for the message of a failure.
 * @throws CausewayError `access_denied` naming the missing permission; `store_refused`;
 * `store_unavailable`.
 */
export async function operatorCall<T extends { readonly $metadata: object }>(
  operation: string,
  resource: string,
  send: Send<T>,
): Promise<T> {
  const answer = await attempt<T>(operation, send);
  if (answer.ok) return answer.value;
  throw refusal(operation, resource, answer);
}

/**
 * The same for something that may not be there.
 *
 * @param absent AWS's codes for that.
 */
export async function operatorLookup<T extends { readonly $metadata: object }>(
  operation: string,
  resource: string,
  absent: readonly string[],
  send: Send<T>,
): Promise<T | null> {
  const answer = await attempt<T>(operation, send);
  if (answer.ok) return answer.value;
  if (absent.includes(answer.code)) return null;
  throw refusal(operation, resource, answer);
}

/** A refusal of AWS as a failure that the caller can act on. */
export function refusal<T>(
  operation: string,
  resource: string,
  { code, error, evidence }: Extract<Attempt<T>, { ok: false }>,
): CausewayError {
  if (code.startsWith('AccessDenied') || evidence.status === 403) {
    return new CausewayError('access_denied', { operation, resource }, { cause: error });
  }
  const reason = evidence.message ?? 'no reason given';
  return new CausewayError('store_refused', { operation, code, reason }, { cause: error });
}
