import { CausewayError } from '@causeway/contract';
import { failureOf } from './s3-failure.ts';
import { safeWords } from './safe-words.ts';

/** What was being done, for messages. */
export interface S3Operation {
  readonly operation: string;
  readonly bucket: string;
  readonly region: string;
  readonly key?: string;
}

/** Translates what an S3 client threw. What is not S3's answer comes back as it is. */
export function toCausewayError(error: unknown, what: S3Operation): unknown {
  const failure = failureOf(error);
  const { operation, bucket, region } = what;
  const key = what.key ?? '';
  const options = { cause: error };
  switch (failure) {
    case 'aborted':
    case 'not_ours':
      return error;
    case 'denied':
      return new CausewayError(
        'access_denied',
        { operation, resource: `s3://${bucket}/${key}` },
        options,
      );
    case 'bucket_missing':
      return new CausewayError('bucket_not_found', { bucket }, options);
    case 'object_missing':
      return new CausewayError('object_not_found', { key }, options);
    case 'upload_missing':
      return new CausewayError('upload_not_found', { key }, options);
    case 'exists':
      return new CausewayError('object_exists', { key }, options);
    case 'credentials_expired':
    case 'credentials_rejected':
      return new CausewayError('credentials_rejected', { operation, code: nameOf(error) }, options);
    case 'region_mismatch':
      return new CausewayError(
        'bucket_region_mismatch',
        { bucket, region, ...regionIn(error) },
        options,
      );
    case 'corrupted':
    case 'parts_mismatch':
      return new CausewayError(
        'integrity_violated',
        { what: `the upload of "${key}"`, expected: 'the bytes sent', found: nameOf(error) },
        options,
      );
    case 'conflict':
    case 'unavailable':
      if (CausewayError.is(error)) return error;
      return new CausewayError(
        'store_unavailable',
        { operation, reason: reasonOf(error) },
        options,
      );
    case 'refused':
      return new CausewayError(
        'store_refused',
        { operation, code: nameOf(error), reason: messageOf(error) },
        options,
      );
  }
}

/** What an error says of itself, in one line that may be shown. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'there was no answer';
  const code = (error as NodeJS.ErrnoException).code;
  const name = error.name === 'Error' ? (code ?? 'no usable answer') : error.name;
  const message = messageOf(error);
  return message === '' || message === name ? name : `${name}: ${message}`;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an unknown error';
}

/** On one line. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return safeWords(message.replace(/[\p{Cc}\s]+/gu, ' '), 300).trim();
}

function regionIn(error: unknown): { readonly found?: string } {
  const { Region, $response } = error as {
    readonly Region?: string;
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  };
  const found = $response?.headers?.['x-amz-bucket-region'] ?? Region;
  return found === undefined ? {} : { found };
}
