import { AwsError } from '../http/aws-error.ts';

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header for an object of `bytes` bytes.
 *
 * @returns null for no range, or one of a kind that S3 takes for none.
 * @throws AwsError `InvalidRange` when it lies outside the object.
 */
export function readRange(header: string | undefined, bytes: number): ByteRange | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const start = Math.max(bytes - Number(last), 0);
    if (Number(last) === 0 || bytes === 0) throw invalidRange(header, bytes);
    return { start, end: bytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return null;
  if (start >= bytes) throw invalidRange(header, bytes);
  return { start, end: last === '' ? bytes : Math.min(Number(last) + 1, bytes) };
}

function invalidRange(header: string | undefined, bytes: number): AwsError {
  return new AwsError(416, 'InvalidRange', 'The requested range is not satisfiable', {
    fields: { RangeRequested: header ?? '', ActualObjectSize: String(bytes) },
    headers: { 'content-range': `bytes */${bytes}` },
  });
}
