import type { Demand } from '../access/authorize.ts';
import type { Context } from '../access/context.ts';
import type { JsonOperation, JsonRequest, JsonResult } from '../json-protocol/json-operation.ts';
import type { KmsKeyRecord } from '../state/kms-records.ts';
import { type FoundKey, findKey } from './find-key.ts';
import { keyDemand } from './key-demand.ts';
import { kmsError, notFound } from './kms-error.ts';

/** How a member of the request names a key. */
interface KeyMember {
  readonly member?: string;
  /** Whether an alias will do; for most operations that manage a key it will not. */
  readonly aliases?: boolean;
}

/** An operation on one key, which its caller must be allowed. */
export function keyOperation(
  name: string,
  run: (request: JsonRequest, key: KmsKeyRecord) => JsonResult | null,
  options: KeyMember & { readonly context?: (request: JsonRequest) => Context } = {},
): JsonOperation {
  const find = (request: JsonRequest) => namedKey(request, name, options);
  return {
    name,
    demands: (request) => [demandOn(request, name, find(request), options.context?.(request))],
    run: (request) => run(request, find(request).key),
  };
}

/** An operation on no key in particular, decided by identity policies alone. */
export function accountOperation(name: string, run: JsonOperation['run']): JsonOperation {
  return {
    name,
    demands: ({ accountId }) => [
      { action: `kms:${name}`, resource: '*', resourceAccount: accountId },
    ],
    run,
  };
}

/** @throws AwsError as `findKey`. */
export function namedKey(
  { input, world, caller, region }: JsonRequest,
  operation: string,
  { member = 'KeyId', aliases = false }: KeyMember = {},
): FoundKey {
  const named = input.text(member, { min: 1, max: 2048 });
  if (!aliases && /^(arn:aws:kms:[^:]*:\d*:)?alias\//.test(named)) {
    throw notFound(`Invalid keyId '${named}'`);
  }
  return findKey(named, { world, caller, region, action: `kms:${operation}` });
}

export function demandOn(
  { accountId, world }: JsonRequest,
  operation: string,
  found: FoundKey,
  context: Context = {},
): Demand {
  return keyDemand(`kms:${operation}`, found, accountId, world, context);
}

/** Times of the JSON protocol: seconds since 1970. */
export function seconds(isoTime: string): number {
  return Date.parse(isoTime) / 1000;
}

/** One page of a list, by `Limit` and `Marker`. */
export function pageOf<T>(
  all: readonly T[],
  { input }: JsonRequest,
  defaultLimit: number,
): { readonly items: readonly T[]; readonly paging: JsonResult } {
  const marker = input.optionalText('Marker', { min: 1, max: 1024 });
  if (marker !== null && !/^\d{1,9}$/.test(marker)) {
    throw kmsError('InvalidMarkerException', 'The marker is not valid');
  }
  const start = Number(marker ?? 0);
  const end = start + (input.optionalNumber('Limit', 1, 1000) ?? defaultLimit);
  const isTruncated = all.length > end;
  return {
    items: all.slice(start, end),
    paging: { Truncated: isTruncated, ...(isTruncated && { NextMarker: String(end) }) },
  };
}
