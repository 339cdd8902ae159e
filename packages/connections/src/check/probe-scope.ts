import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { writeOptionsOf } from '@causeway/contract';
import { writeHeaders } from '@causeway/objectstore';
import { attempt } from './attempt.ts';
import { bucketClient, bucketOf, type CheckContext, type Finding } from './check-context.ts';
import { startHigh } from './finding-parts.ts';
import { mayRead, readByte } from './probe-read.ts';
import { probeKey, tryUpload } from './start-upload.ts';

/**
 * Advice: the role or user should be of no use outside the prefix. What was seen to be
 * allowed is listed, and the smaller policy that would be enough is offered.
 *
 * Nothing but this bucket is asked about: how wide a key is elsewhere is not ours to know.
 */
export async function probeScope(context: CheckContext): Promise<Finding> {
  const { bucket, prefix, capabilities } = context.connection;
  const { principal } = context;
  const isReader = capabilities.every((capability) => capability === 'ingest');
  if (prefix === '' && !isReader) {
    return { verdict: 'skipped', message: 'The connection covers the whole bucket' };
  }
  // A neighbour, which a policy that forgot the slash lets in as well as one without a prefix.
  const outside = `${prefix.replace(/\/$/, '')}-causeway-check-${context.probeId}/`;
  const isBounded = prefix !== '';
  const [listed, read, written, writtenInside] = await Promise.all([
    isBounded ? listOutside(context, outside) : null,
    isBounded ? readByte(context, `${outside}probe`) : null,
    isBounded ? tryOutside(context, `${outside}probe`) : null,
    isReader ? tryUpload(context, probeKey(context)) : null,
  ]);
  const wider = [
    ...(listed?.ok ? [`list outside "${prefix}"`] : []),
    ...(read && mayRead(read) ? [`read outside "${prefix}"`] : []),
    ...(written?.ok ? [`write outside "${prefix}"`] : []),
    ...(writtenInside?.ok ? [`write under "${prefix}", though the connection only reads`] : []),
  ];
  const asked = [listed, read, written, writtenInside].filter((answer) => answer !== null);
  if (wider.length === 0) {
    return {
      verdict: 'passed',
      message:
        prefix === ''
          ? 'Refused to write'
          : `Refused to list, to read and to write outside "${prefix}"`,
      ...withEvidence(asked.at(-1)),
    };
  }
  return {
    verdict: 'warned',
    side: 'customer',
    cause: 'scope_too_wide',
    message: `${startHigh(principal.noun)} may also ${wider.join(' and ')} in bucket "${bucket}"`,
    notes: wider.map((what) => `Seen to be allowed, and not needed: ${what}`),
    fix: {
      document: 'permissionsPolicy',
      text: `Narrow the policy of ${principal.noun} to the prefix`,
      policy: context.documents['permissionsPolicy'],
    },
    ...withEvidence(asked.find((answer) => answer.ok || answer === read)),
  };
}

/**
 * Plainly first: a right to tag that ends with the prefix must not hide that writing does not. Then
 * as files are written, which may be the only way that the bucket's policy takes.
 */
async function tryOutside(context: CheckContext, key: string) {
  const plain = await tryUpload(context, key);
  const headers = writeHeaders(writeOptionsOf(context.connection));
  if (plain.ok || Object.keys(headers).length === 0) return plain;
  return tryUpload(context, key, headers);
}

function withEvidence(answer: { readonly evidence: Finding['evidence'] } | undefined) {
  return answer ? { evidence: answer.evidence } : {};
}

function listOutside(context: CheckContext, outside: string) {
  return attempt('s3:ListObjectsV2', () =>
    bucketClient(context).send(
      new ListObjectsV2Command({ ...bucketOf(context), Prefix: outside, MaxKeys: 1 }),
    ),
  );
}
