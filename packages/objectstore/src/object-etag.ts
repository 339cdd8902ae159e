import { createHash } from 'node:crypto';

/** The ETag S3 gives to an object written in one request, unless it is encrypted with KMS. */
export function singleEtag(body: Uint8Array): string {
  return createHash('md5').update(body).digest('hex');
}

/** The ETag S3 gives to a multipart object, unless it is encrypted with KMS: the MD5 of the parts' MD5s, and their number. */
export function multipartEtag(parts: readonly { readonly etag: string }[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

/** S3 quotes ETags in headers; everything here compares them bare. */
export function bareEtag(etag: string | undefined): string {
  return (etag ?? '').replace(/^"|"$/g, '');
}
