import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListObjectsV2Command,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Attempt, attempt, type Evidence } from './attempt.ts';
import {
  bucketArn,
  bucketClient,
  bucketOf,
  type CheckContext,
  type CheckStepDefinition,
  type Finding,
} from './check-context.ts';
import { deniedFinding } from './denied-finding.ts';

/** Steps on what the role may do to objects, inside the prefix and outside. */
export const objectSteps: readonly CheckStepDefinition[] = [
  {
    id: 'object.write',
    title: 'A file can be uploaded (tried, then aborted: nothing is left)',
    after: ['session', 'bucket.region'],
    mootIfFailed: ['bucket.owner'],
    run: probeWrite,
  },
  {
    id: 'scope',
    title: 'The role is refused outside the prefix',
    after: ['session', 'bucket.region'],
    mootIfFailed: ['bucket.owner', 'object.write'],
    run: probeScope,
  },
];

/**
 * Starts an upload, sends one byte and aborts: proves `s3:PutObject`, encryption
 * and the owner without a delete right and without leaving an object.
 */
async function probeWrite(context: CheckContext): Promise<Finding> {
  const { bucket, prefix } = context.connection;
  const client = bucketClient(context);
  const key = `${prefix}_causeway/check-${context.probeId}`;
  const wanted = {
    cause: 'write_denied',
    what: `write under "${prefix}"`,
    permission: `s3:PutObject on ${bucketArn(context)}/${prefix}*`,
  };
  const created = await context.untilSpread(
    () => createUpload(context, client, key),
    (answer) => answer.ok || answer.code !== 'AccessDenied',
  );
  if (!created.ok) return deniedFinding(context, created, wanted);
  const uploadId = created.value.UploadId;
  let part: Attempt<object>;
  let aborted: Attempt<object>;
  try {
    part = await attempt('s3:UploadPart', () =>
      client.send(
        new UploadPartCommand({
          ...bucketOf(context),
          Key: key,
          UploadId: uploadId,
          PartNumber: 1,
          Body: new Uint8Array(1),
        }),
      ),
    );
  } finally {
    aborted = await abortUpload(context, client, key, uploadId);
  }
  if (!part.ok) return deniedFinding(context, part, wanted);
  if (!aborted.ok) return abortDenied(context, aborted.evidence, uploadId);
  return {
    verdict: 'passed',
    message: `Uploaded a part to s3://${bucket}/${key} and aborted it`,
    evidence: part.evidence,
  };
}

function abortDenied(
  context: CheckContext,
  evidence: Evidence,
  uploadId: string | undefined,
): Finding {
  const { prefix } = context.connection;
  return {
    verdict: 'warned',
    side: 'customer',
    cause: 'abort_denied',
    message: `Writing works, but upload ${uploadId ?? ''} could not be aborted: parts of broken uploads would stay and cost money`,
    fix: {
      document: 'permissionsPolicy',
      text: `Allow s3:AbortMultipartUpload on ${bucketArn(context)}/${prefix}*`,
      policy: context.documents['permissionsPolicy'],
    },
    evidence,
  };
}

/** Advice: the role should be of no use outside the prefix. */
async function probeScope(context: CheckContext): Promise<Finding> {
  const { bucket, prefix } = context.connection;
  if (prefix === '') {
    return { verdict: 'skipped', message: 'The connection covers the whole bucket' };
  }
  const client = bucketClient(context);
  const outside = `causeway-check-${context.probeId}/`;
  const listed = await attempt('s3:ListObjectsV2', () =>
    client.send(new ListObjectsV2Command({ ...bucketOf(context), Prefix: outside, MaxKeys: 1 })),
  );
  const created = await createUpload(context, client, `${outside}probe`);
  if (created.ok) await abortUpload(context, client, `${outside}probe`, created.value.UploadId);
  const granted = [...(listed.ok ? ['list'] : []), ...(created.ok ? ['write'] : [])];
  if (granted.length === 0) {
    return {
      verdict: 'passed',
      message: `Refused to list and to write outside "${prefix}"`,
      evidence: created.evidence,
    };
  }
  return {
    verdict: 'warned',
    side: 'customer',
    cause: 'scope_too_wide',
    message: `The role may also ${granted.join(' and ')} outside "${prefix}" in bucket "${bucket}"`,
    fix: {
      document: 'permissionsPolicy',
      text: `Narrow the policy of ${context.principal.noun} to the prefix`,
      policy: context.documents['permissionsPolicy'],
    },
    evidence: listed.ok ? listed.evidence : created.evidence,
  };
}

function createUpload(context: CheckContext, client: S3Client, key: string) {
  return attempt('s3:CreateMultipartUpload', () =>
    client.send(new CreateMultipartUploadCommand({ ...bucketOf(context), Key: key })),
  );
}

function abortUpload(
  context: CheckContext,
  client: S3Client,
  key: string,
  uploadId: string | undefined,
): Promise<Attempt<object>> {
  return attempt('s3:AbortMultipartUpload', () =>
    client.send(
      new AbortMultipartUploadCommand({ ...bucketOf(context), Key: key, UploadId: uploadId }),
    ),
  );
}
