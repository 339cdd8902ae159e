import { GetObjectCommand } from '@aws-sdk/client-s3';
import { parseAccessDenied } from './access-denied.ts';
import { type Attempt, attempt, type Refused } from './attempt.ts';
import {
  bucketArn,
  bucketClient,
  bucketOf,
  type CheckContext,
  type Finding,
} from './check-context.ts';
import { isDenied, refusalFinding, type Wanted } from './refusal-finding.ts';
import { probeKey } from './start-upload.ts';

/**
 * Reads one byte of the newest file under the prefix. Where there is none, the answer
 * about a key that does not exist still tells something: 404 is given only to those who may
 * both list and read, and within an account the text of a 403 says which of the two is missing.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 *
 * Deliveries read back what they wrote, and can do without: for them it is a warning.
 */
export async function probeRead(context: CheckContext): Promise<Finding> {
  const key = newestKey(context);
  const answer = await context.untilSpread(
    () => readByte(context, key ?? probeKey(context)),
    (found) => found.ok || !isDenied(found) || key === null,
  );
  const { evidence } = answer;
  if (answer.ok || answer.code === 'InvalidRange') {
    return { verdict: 'passed', message: `Read the first byte of "${key}"`, evidence };
  }
  if (answer.code === 'NoSuchKey') {
    const message = key === null ? 'Files may be read; there is none yet' : `"${key}" has gone`;
    return { verdict: 'passed', message, evidence };
  }
  if (key === null && isDenied(answer)) {
    const proof = proofIn(answer);
    if (proof !== 'refused') return missingKeyFinding(proof, evidence);
  }
  const finding = refusalFinding(context, answer, readWanted(context));
  const isNeeded = context.connection.capabilities.some((capability) => capability !== 'deliver');
  return isNeeded ? finding : { ...finding, verdict: 'warned' };
}

/** Whether an answer about a key that does not exist proves that it might be read if it did. */
export function mayRead(answer: Attempt<unknown>): boolean {
  if (answer.ok || answer.code === 'NoSuchKey') return true;
  return isDenied(answer) && proofIn(answer) === 'allowed';
}

/** What a 403 about a key that does not exist proves of the right to read. */
function proofIn({ evidence }: Refused): 'allowed' | 'refused' | 'nothing' {
  const { action } = parseAccessDenied(evidence.message ?? '');
  // S3 would say 404, which takes the right to list: so reading was no obstacle.
  if (action === 's3:ListBucket') return 'allowed';
  return action === null ? 'nothing' : 'refused';
}

function missingKeyFinding(proof: 'allowed' | 'nothing', evidence: Finding['evidence']): Finding {
  if (proof === 'allowed') {
    return {
      verdict: 'passed',
      message: 'Files may be read; whether there are any may not',
      evidence,
    };
  }
  return {
    verdict: 'skipped',
    message:
      'No file is known that could be read, and a refusal about a missing one proves nothing',
    evidence,
  };
}

/** The newest file that was listed, but for our own. */
function newestKey({ connection, listing }: CheckContext): string | null {
  const listed = listing?.ok ? (listing.value.Contents ?? []) : [];
  const own = `${connection.prefix}_causeway/`;
  const files = listed.filter(({ Key = '' }) => !Key.startsWith(own) && !Key.endsWith('/'));
  const newestFirst = files.toSorted(
    (a, b) => (b.LastModified?.getTime() ?? 0) - (a.LastModified?.getTime() ?? 0),
  );
  return newestFirst[0]?.Key ?? null;
}

export function readByte(context: CheckContext, key: string) {
  return attempt('s3:GetObject', async () => {
    const command = new GetObjectCommand({ ...bucketOf(context), Key: key, Range: 'bytes=0-0' });
    const { Body, ...answer } = await bucketClient(context).send(command);
    // A body that nobody reads keeps its connection.
    await Body?.transformToByteArray();
    return answer;
  });
}

function readWanted(context: CheckContext): Wanted {
  const { prefix } = context.connection;
  return {
    cause: 'read_denied',
    what: `read files under "${prefix}"`,
    action: 's3:GetObject',
    resource: `${bucketArn(context)}/${prefix}*`,
    sids: ['Verify', 'Read'],
  };
}
