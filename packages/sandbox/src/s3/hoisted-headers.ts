import type { Claim } from '../sigv4/claim.ts';
import type { Call } from '../world.ts';

/**
 * Headers that a presigned URL may have in its query instead, where its signature
 * covers them: SDKs put them there so that whoever uses the URL need not send them.
 * S3 takes metadata and lists from there; encryption must be in headers, and it
 * ignores tags and checksums, which SDKs compute of a body that is not there yet.
 * https://github.com/aws/aws-sdk-js-v3/issues/4694
 */
const hoistable = /^x-amz-(acl|grant-.+|meta-.+)$/;

/** The request as if what its URL says in place of headers had come in headers. */
export function withHoistedHeaders(call: Call, claim: Claim | null): Call {
  if (claim?.kind !== 'query') return call;
  const { headers, query } = call.incoming;
  const hoisted = [...query]
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => hoistable.test(name) && !headers.has(name));
  if (hoisted.length === 0) return call;
  return { ...call, incoming: { ...call.incoming, headers: new Map([...headers, ...hoisted]) } };
}
