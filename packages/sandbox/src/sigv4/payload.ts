import { AwsError } from '../http/aws-error.ts';
import type { Signer } from './signature.ts';

/** How the body of a request is protected and wrapped. */
export type Payload =
  /** Nothing but TLS, or a checksum of the sender's choice, protects it. */
  | { readonly kind: 'unsigned' }
  /** The whole body has this SHA-256, in hex. */
  | { readonly kind: 'hashed'; readonly sha256: string }
  /** Chunks with their lengths, each signed when there is a signer, and perhaps trailers. */
  | { readonly kind: 'chunked'; readonly signer: Signer | null; readonly trailers: boolean }
  /** The file of a form, taken out of it. */
  | { readonly kind: 'form'; readonly content: AsyncGenerator<Buffer> };

/**
 * Reads what `x-amz-content-sha256` says.
 *
 * @throws AwsError when it is none of the values that S3 knows.
 */
export function readPayload(value: string, signer: Signer | null): Payload {
  switch (value) {
    case 'UNSIGNED-PAYLOAD':
      return { kind: 'unsigned' };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', signer: null, trailers: true };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { kind: 'chunked', signer, trailers: false };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'chunked', signer, trailers: true };
  }
  if (/^[0-9a-f]{64}$/i.test(value)) return { kind: 'hashed', sha256: value.toLowerCase() };
  throw new AwsError(
    400,
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.',
    { fields: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: value } },
  );
}
