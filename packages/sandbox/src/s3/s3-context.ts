import type { Context } from '../access/context.ts';
import type { Clock } from '../clock.ts';
import type { Incoming } from '../http/incoming.ts';
import { type Claim, fromTimestamp } from '../sigv4/claim.ts';

/** Headers that are condition keys under their own names, without `x-amz-` for those of HTTP. */
const headerKeys = [
  'x-amz-acl',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write',
  'x-amz-grant-write-acp',
  'x-amz-metadata-directive',
  'x-amz-object-ownership',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
  'if-match',
  'if-none-match',
] as const;

/**
 * Those among them that S3 remembers of the creation of an upload. Grants and tags are
 * not: a policy that asks for these refuses every part, which cannot have them.
 * https://github.com/aws/aws-cli/issues/1674 (until 2018 lists were not, either),
 * https://github.com/boto/boto3/issues/2525, https://github.com/boto/boto3/issues/2675
 */
const uploadKeys = headerKeys.filter((name) => /^x-amz-(acl|server-side-encryption)/.test(name));

const authTypes = { header: 'REST-HEADER', query: 'REST-QUERY-STRING', form: 'POST' } as const;

/** Query parameters that are condition keys of listing. */
const listKeys = ['prefix', 'delimiter', 'max-keys'] as const;

/** S3's own condition keys: a key is there only when the request has what it stands for. */
export function s3Context(
  incoming: Incoming,
  claim: Claim | null,
  operation: string,
  clock: Clock,
): Context {
  const context: Record<string, string> = {};
  if (incoming.tlsVersion !== null) context['s3:TlsVersion'] = incoming.tlsVersion;
  if (claim) {
    context['s3:authType'] = authTypes[claim.kind];
    context['s3:signatureversion'] = 'AWS4-HMAC-SHA256';
    const age = clock.elapsedSince(fromTimestamp(claim.timestamp));
    context['s3:signatureAge'] = String(Math.max(age, 0));
  }
  for (const name of headerKeys) {
    const value = incoming.headers.get(name);
    if (value !== undefined) context[`s3:${name}`] = value;
  }
  if (operation.startsWith('List')) {
    for (const name of listKeys) {
      const value = incoming.query.get(name);
      if (value !== null) context[`s3:${name}`] = value;
    }
  }
  return context;
}

/** The condition keys that hold for all requests of an upload, from the one that creates it. */
export function uploadContext({ headers }: Incoming): Record<string, string> {
  return Object.fromEntries(
    uploadKeys.flatMap((name) => {
      const value = headers.get(name);
      return value === undefined ? [] : [[`s3:${name}`, value]];
    }),
  );
}
