import { CausewayError, type CheckStep } from '@causeway/contract';
import { safeWords } from '@causeway/objectstore';

export type Evidence = NonNullable<CheckStep['evidence']>;

/** What AWS said to one call: its result, or its refusal as evidence. */
export type Attempt<T> =
  | { readonly ok: true; readonly value: T; readonly evidence: Evidence }
  | {
      readonly ok: false;
      readonly code: string;
      readonly evidence: Evidence;
      readonly error: unknown;
    };

/** A call that AWS refused. */
export type Refused = Extract<Attempt<unknown>, { readonly ok: false }>;

/** Of what AWS says, so many characters are shown. */
export const longestMessage = 600;

/** The part of an AWS SDK error that is needed here. */
interface AwsError {
  readonly name: string;
  readonly message: string;
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/**
 * Makes one AWS call and turns a refusal into a value, since a refusal is what a
 * check is there to find.
 *
 * @throws CausewayError `store_unavailable` when AWS cannot be reached or is busy:
 * that says nothing about the customer's setup.
 */
export async function attempt<T extends { readonly $metadata: AwsError['$metadata'] }>(
  operation: string,
  call: () => Promise<T>,
): Promise<Attempt<T>> {
  try {
    const value = await call();
    return { ok: true, value, evidence: evidenceOf(operation, value.$metadata) };
  } catch (error) {
    if (!isAwsError(error)) throw unavailable(operation, error);
    const status = error.$metadata.httpStatusCode;
    if (status === undefined || isBusy(error)) throw unavailable(operation, error);
    // 501 is an answer: the store does not have the operation.
    if (status >= 500 && status !== 501) throw unavailable(operation, error);
    const evidence = {
      ...evidenceOf(operation, error.$metadata),
      code: error.name,
      message: safeWords(error.message, longestMessage),
    };
    return { ok: false, code: error.name, evidence, error };
  }
}

function isAwsError(error: unknown): error is AwsError {
  return typeof error === 'object' && error !== null && '$metadata' in error;
}

/**
 * AWS says with a status of 4xx too that it is busy, or that the request did not arrive whole:
 * STS throttles with 400, S3 asks with 409 to try again, and passes on what befell KMS.
 */
function isBusy({ name }: AwsError): boolean {
  return /Throttl|SlowDown|TooManyRequests|RequestLimitExceeded|RequestTimeout$|OperationAborted|ConditionalRequestConflict|IncompleteBody|BadDigest|DependencyTimeout|Internal(Error|Failure|Exception)/.test(
    name,
  );
}

function unavailable(operation: string, cause: unknown): CausewayError {
  const reason =
    cause instanceof Error ? safeWords(cause.message, longestMessage) : 'there was no answer';
  return new CausewayError('store_unavailable', { operation, reason }, { cause });
}

function evidenceOf(operation: string, metadata: AwsError['$metadata']): Evidence {
  return {
    operation,
    ...(metadata.httpStatusCode !== undefined && { status: metadata.httpStatusCode }),
    ...(metadata.requestId !== undefined && { requestId: metadata.requestId }),
  };
}
