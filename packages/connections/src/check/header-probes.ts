import { type CauseCode, causeOf, writeOptionsOf } from '@causeway/contract';
import { type WriteHeaders, writeHeaders } from '@causeway/objectstore';
import { parseAccessDenied } from './access-denied.ts';
import type { Refused } from './attempt.ts';
import type { CheckContext, Finding } from './check-context.ts';
import { rankedCauses, startLow } from './finding-parts.ts';
import { exceptionFix } from './refusal-finding.ts';
import { probeKey, tryUpload } from './start-upload.ts';

/** A header that bucket policies often demand of uploads. */
interface Demand {
  readonly cause: CauseCode;
  readonly headers: WriteHeaders;
  /** Why the demand can be given up, or what to do instead of an exception. */
  readonly advice: string;
}

const acl = { ACL: 'bucket-owner-full-control' } as const;
const encrypted =
  'S3 encrypts every new object whatever the request says, so nothing is lost by it';

/** Without the connection's own key, which goes with KMS alone. */
function unkeyed(ServerSideEncryption: 'AES256' | 'aws:kms'): WriteHeaders {
  return { ServerSideEncryption, SSEKMSKeyId: undefined };
}

/** What is tried, most likely first; the last one finds policies that demand two things. */
const demands: readonly Demand[] = [
  {
    cause: 'encryption_demanded',
    headers: unkeyed('AES256'),
    advice: encrypted,
  },
  {
    cause: 'kms_encryption_demanded',
    headers: unkeyed('aws:kms'),
    advice: 'Or have Causeway name the key: "kmsKeyArn" in the "writeOptions" of the connection',
  },
  {
    cause: 'acl_demanded',
    headers: acl,
    advice:
      'Or have Causeway send it: "acl" in the "writeOptions" of the connection. Under object ownership BucketOwnerEnforced nothing asks for it',
  },
  {
    cause: 'acl_demanded',
    headers: { ...acl, ...unkeyed('AES256') },
    advice: `The policy demands an encryption besides; ${encrypted}`,
  },
];

/**
 * After a Deny of the bucket policy, finds out by asking what it demands: which header
 * makes the Deny apply no more. Null when none of the usual ones does.
 *
 * It does not matter whether the upload then starts: another refusal, say of the list or
 * of the key, also means that this Deny is passed.
 */
export async function findDemand(context: CheckContext, refusal: Refused): Promise<Finding | null> {
  if (!isBucketDeny(refusal)) return null;
  const found = await tryDemands(context);
  return found ? demandFinding(context, found, refusal) : null;
}

async function tryDemands(context: CheckContext): Promise<Demand | undefined> {
  const own = writeHeaders(writeOptionsOf(context.connection));
  const answers = await Promise.all(
    demands.map(({ headers }) => tryUpload(context, probeKey(context), { ...own, ...headers })),
  );
  return demands.find((_, i) => {
    const answer = answers[i];
    return answer !== undefined && (answer.ok || !isBucketDeny(answer));
  });
}

function isBucketDeny({ evidence }: Refused): boolean {
  const denial = parseAccessDenied(evidence.message ?? '');
  return (
    denial.kind === 'explicit_deny' &&
    denial.policyType === 'resource-based' &&
    denial.action === 's3:PutObject'
  );
}

function demandFinding(
  context: CheckContext,
  { cause, advice }: Demand,
  { evidence }: Refused,
): Finding {
  const fix = exceptionFix(context, 's3:PutObject');
  return {
    verdict: 'failed',
    side: 'customer',
    cause,
    causes: rankedCauses(cause, 'explicit_deny'),
    message: `Causeway could not write: ${startLow(causeOf(cause).text)}`,
    fix: { ...fix, text: `${fix.text}. ${advice}` },
    evidence,
  };
}
