import { AwsError } from '../http/aws-error.ts';
import type { Incoming } from '../http/incoming.ts';
import type { ObjectRecord } from '../state/records.ts';
import { noSuchKey, notImplemented } from './s3-error.ts';

/**
 * Holds a write to its `If-None-Match: *` or `If-Match: <etag>`.
 *
 * @throws AwsError `PreconditionFailed`; `NoSuchKey` for `If-Match` without an object.
 */
export function checkWritePreconditions(
  { headers }: Incoming,
  key: string,
  existing: ObjectRecord | undefined,
): void {
  const noneMatch = headers.get('if-none-match');
  if (noneMatch !== undefined && noneMatch !== '*')
    throw notImplemented('If-None-Match with an ETag');
  if (noneMatch === '*' && existing) throw preconditionFailed('If-None-Match');
  const match = headers.get('if-match');
  if (match !== undefined) checkIfMatch(match, key, existing);
}

/** @throws AwsError `PreconditionFailed`, or `NoSuchKey` when there is no object to match. */
export function checkIfMatch(match: string, key: string, existing: ObjectRecord | undefined): void {
  if (!existing) throw noSuchKey(key);
  if (!namesEtag(match, existing.etag)) throw preconditionFailed('If-Match');
}

/**
 * Holds a read to its conditions, in the order of RFC 9110.
 *
 * @throws AwsError `PreconditionFailed` (412) or `NotModified` (304).
 */
export function checkReadPreconditions(
  { headers }: Pick<Incoming, 'headers'>,
  object: ObjectRecord,
): void {
  const modifiedAt = Math.floor(Date.parse(object.modifiedAt) / 1000) * 1000;
  const match = headers.get('if-match');
  const unmodifiedSince = headers.get('if-unmodified-since');
  if (match !== undefined) {
    if (!namesEtag(match, object.etag)) throw preconditionFailed('If-Match');
  } else if (unmodifiedSince !== undefined && modifiedAt > Date.parse(unmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const noneMatch = headers.get('if-none-match');
  const modifiedSince = headers.get('if-modified-since');
  const isKnown =
    noneMatch !== undefined
      ? namesEtag(noneMatch, object.etag)
      : modifiedSince !== undefined && modifiedAt <= Date.parse(modifiedSince);
  if (!isKnown) return;
  throw new AwsError(304, 'NotModified', 'Not Modified', {
    headers: { etag: `"${object.etag}"`, 'last-modified': new Date(modifiedAt).toUTCString() },
  });
}

/**
 * Holds a copy to the conditions on its source: those of a read under other
 * names, and each that fails is a failed precondition.
 *
 * @throws AwsError `PreconditionFailed`
 */
export function checkSourcePreconditions({ headers }: Incoming, object: ObjectRecord): void {
  const conditions = new Map<string, string>();
  for (const name of readConditions) {
    const value = headers.get(`x-amz-copy-source-${name}`);
    if (value !== undefined) conditions.set(name, value);
  }
  try {
    checkReadPreconditions({ headers: conditions }, object);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw preconditionFailed(
      error.status === 304
        ? 'x-amz-copy-source-If-None-Match'
        : `x-amz-copy-source-${error.fields['Condition']}`,
    );
  }
}

const readConditions = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
] as const;

function namesEtag(header: string, etag: string): boolean {
  const named = header.split(',').map((one) => one.trim().replace(/^W\//, '').replaceAll('"', ''));
  return named.includes('*') || named.includes(etag);
}

function preconditionFailed(condition: string): AwsError {
  return new AwsError(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    { fields: { Condition: condition } },
  );
}
