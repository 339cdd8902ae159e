import { invalidArgument } from './s3-error.ts';

/**
 * Reads a number of the query; more than `max` counts as `max`, and so does nothing.
 *
 * @throws AwsError `InvalidArgument` when it is no whole number from 0.
 */
export function readCount(query: URLSearchParams, name: string, max: number): number {
  const value = query.get(name);
  if (value === null || value === '') return max;
  if (!/^-?\d{1,10}$/.test(value)) {
    throw invalidArgument(name, value, `Provided ${name} not an integer or within integer range`);
  }
  if (Number(value) < 0) {
    throw invalidArgument(
      name,
      value,
      `Argument ${name} must be an integer between 0 and 2147483647`,
    );
  }
  return Math.min(Number(value), max);
}

/** @throws AwsError `InvalidArgument` unless the encoding type is `url` or absent. */
export function readEncodingType(query: URLSearchParams): string | null {
  const value = query.get('encoding-type');
  if (value === null || value === 'url') return value;
  throw invalidArgument('encoding-type', value, 'Invalid Encoding Method specified in Request');
}
