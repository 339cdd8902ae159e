import { GetBucketPolicyCommand, PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ManagedConnection } from '@causeway/contract';
import { mergeBucketPolicy, type PolicyDocument, type StatementDocument } from '@causeway/policy';
import { operatorCall, operatorLookup } from './operator-call.ts';

/** How the policy of a managed bucket differs from the one we put there; names are Sids. */
export interface PolicyDrift {
  /** Ours that are gone. */
  readonly missing: readonly string[];
  /** Ours that say something else now. */
  readonly changed: readonly string[];
  /** Of an access that is no longer, such as those a broken change has left. */
  readonly obsolete: readonly string[];
  /** Of somebody else. */
  readonly foreign: readonly string[];
}

/** The policy as it is; null when there is none. */
export async function readBucketPolicy(
  s3: S3Client,
  { bucket, accountId }: ManagedConnection,
): Promise<PolicyDocument | null> {
  const answer = await operatorLookup('s3:GetBucketPolicy', bucket, ['NoSuchBucketPolicy'], () =>
    s3.send(
      new GetBucketPolicyCommand({ Bucket: bucket, ExpectedBucketOwner: accountId ?? undefined }),
    ),
  );
  if (answer?.Policy === undefined) return null;
  const { Statement, ...rest } = JSON.parse(answer.Policy) as {
    Statement: StatementDocument | StatementDocument[];
  } & PolicyDocument;
  return { ...rest, Statement: Array.isArray(Statement) ? Statement : [Statement] };
}

/** Compares by Sid: names that begin with "Causeway" are ours. */
export function findPolicyDrift(found: PolicyDocument | null, ours: PolicyDocument): PolicyDrift {
  const { added, replaced } = mergeBucketPolicy(found, ours);
  const expected = new Set(ours.Statement.map(({ Sid }) => Sid));
  const others = (found?.Statement ?? []).filter(({ Sid }) => !expected.has(Sid));
  return {
    missing: added,
    changed: replaced,
    obsolete: others.filter(isOurs).map(nameOf),
    foreign: others.filter((statement) => !isOurs(statement)).map(nameOf),
  };
}

/** Puts the policy as it must be, if it is not. */
export async function mendBucketPolicy(
  s3: S3Client,
  connection: ManagedConnection,
  ours: PolicyDocument,
  { keepForeign }: { readonly keepForeign: boolean },
): Promise<void> {
  const found = await readBucketPolicy(s3, connection);
  const drift = findPolicyDrift(found, ours);
  if (!hasDrift(drift) && (keepForeign || drift.foreign.length === 0)) return;
  await putBucketPolicy(s3, connection, mendedPolicy(found, ours, keepForeign));
}

export function hasDrift(drift: PolicyDrift): boolean {
  return drift.missing.length + drift.changed.length + drift.obsolete.length > 0;
}

/** Our statements after those of others, with nothing of an access that is no longer. */
function mendedPolicy(
  found: PolicyDocument | null,
  ours: PolicyDocument,
  keepForeign: boolean,
): PolicyDocument {
  if (found === null || !keepForeign) return ours;
  const kept = { ...found, Statement: found.Statement.filter((each) => !isOurs(each)) };
  if (kept.Statement.length === 0) return ours;
  const { document } = mergeBucketPolicy(kept, ours);
  return document as unknown as PolicyDocument;
}

async function putBucketPolicy(
  s3: S3Client,
  { bucket, accountId }: ManagedConnection,
  policy: PolicyDocument,
): Promise<void> {
  await operatorCall('s3:PutBucketPolicy', bucket, () =>
    s3.send(
      new PutBucketPolicyCommand({
        Bucket: bucket,
        ExpectedBucketOwner: accountId ?? undefined,
        Policy: JSON.stringify(policy),
      }),
    ),
  );
}

export function isOurs({ Sid = '' }: StatementDocument): boolean {
  return Sid.startsWith('Causeway');
}

function nameOf({ Sid, Effect, Principal }: StatementDocument): string {
  return Sid ?? `${Effect} for ${JSON.stringify(Principal)}`;
}
