import { CausewayError, type WriteOptions } from '@causeway/contract';
import type { Operator } from './operator.ts';
import { partitionOfOperator } from './operator-without-account.ts';

/**
 * Whether the key can be in the bucket's region is for the check to find out: the region may not be known.
 *
 * @throws CausewayError `invalid_request` for a key of another partition of AWS than the bucket,
 * and for one with a store of another make.
 */
export function refuseWriteKey(
  { kmsKeyArn }: Pick<WriteOptions, 'kmsKeyArn'>,
  { endpoint = null }: { readonly endpoint?: string | null },
  operator: Operator,
): void {
  if (kmsKeyArn === null) return;
  const partition = partitionOfOperator(operator);
  const message =
    endpoint !== null
      ? 'is a key of AWS, and the bucket is in a store of another make'
      : kmsKeyArn.startsWith(`arn:${partition}:`)
        ? null
        : `must begin with "arn:${partition}:": S3 uses no key of another partition`;
  if (message === null) return;
  throw new CausewayError('invalid_request', {
    issues: [{ path: 'writeOptions.kmsKeyArn', message }],
  });
}
