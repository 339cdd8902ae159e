import { UploadPartCommand } from '@aws-sdk/client-s3';
import { writeOptionsOf } from '@causeway/contract';
import { writeHeaders } from '@causeway/objectstore';
import { type Attempt, attempt, type Evidence, type Refused } from './attempt.ts';
import { bucketClient, bucketOf, type CheckContext, type Finding } from './check-context.ts';
import { findDemand } from './header-probes.ts';
import { isDenied, refusalFinding, type Wanted } from './refusal-finding.ts';
import { abortUpload, probeKey, startUpload } from './start-upload.ts';
import { writeWanted } from './write-wanted.ts';

/**
 * Starts an upload as the connection's files are written, sends one byte and aborts: proves
 * `s3:PutObject`, tags, list, encryption and the owner without a delete right and without
 * leaving an object.
 */
export async function probeWrite(context: CheckContext): Promise<Finding> {
  const key = probeKey(context);
  const headers = writeHeaders(writeOptionsOf(context.connection));
  const created = await context.untilSpread(() => startUpload(context, key, headers), isSettled);
  if (!created.ok) {
    return (await findDemand(context, created)) ?? refused(context, created);
  }
  const uploadId = created.value.UploadId;
  let part: Attempt<object>;
  let aborted: Attempt<object>;
  try {
    part = await context.untilSpread(() => uploadByte(context, key, uploadId), isSettled);
  } finally {
    aborted = await context.untilSpread(() => abortUpload(context, key, uploadId), isSettled);
  }
  const left = aborted.ok ? {} : { notes: [`Upload ${uploadId} of key "${key}" was left behind`] };
  if (!part.ok) return { ...refused(context, part), ...left };
  if (!aborted.ok) return { ...abortDenied(context, aborted.evidence), ...left };
  return {
    verdict: 'passed',
    message: `Uploaded a part to s3://${context.connection.bucket}/${key} and aborted it`,
    evidence: part.evidence,
  };
}

/** What was just allowed may be refused once more by a host of AWS that has yet to hear of a change. */
function isSettled(answer: Attempt<unknown>): boolean {
  return answer.ok || !isDenied(answer);
}

function refused(context: CheckContext, answer: Refused): Finding {
  return refusalFinding(context, answer, writeWanted(context, answer));
}

function uploadByte(context: CheckContext, key: string, uploadId: string | undefined) {
  return attempt('s3:UploadPart', () =>
    bucketClient(context).send(
      new UploadPartCommand({
        ...bucketOf(context),
        Key: key,
        UploadId: uploadId,
        PartNumber: 1,
        Body: new Uint8Array(1),
      }),
    ),
  );
}

/** What a refusal to abort was for. */
export function abortWanted(context: CheckContext, answer: Refused): Wanted {
  return {
    ...writeWanted(context, answer),
    cause: 'abort_denied',
    what: 'abort uploads',
    action: 's3:AbortMultipartUpload',
    sids: ['Write'],
  };
}

/**
 * Deliveries go on without the right to abort, and what they leave unfinished costs money.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
function abortDenied(context: CheckContext, evidence: Evidence): Finding {
  const answer = { ok: false, code: evidence.code ?? '', evidence, error: null } as const;
  const { fix } = refusalFinding(context, answer, abortWanted(context, answer));
  return {
    verdict: 'warned',
    side: 'customer',
    cause: 'abort_denied',
    message:
      'Writing works, but uploads cannot be aborted: parts of broken ones would stay and cost money',
    ...(fix && {
      fix: {
        ...fix,
        text: `${fix.text}; let a lifecycle rule abort what is unfinished after 7 days in any case`,
      },
    }),
    evidence,
  };
}
