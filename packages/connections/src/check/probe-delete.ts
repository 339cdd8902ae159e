import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { attempt } from './attempt.ts';
import {
  bucketArn,
  bucketClient,
  bucketOf,
  type CheckContext,
  type Finding,
} from './check-context.ts';
import { isDenied, refusalFinding, type Wanted } from './refusal-finding.ts';

/**
 * Deletes a file that is not there, which S3 answers as it would one that is: 204 to those who
 * may, 403 to others. A bucket with versions keeps a delete marker of it, so it is always
 * the same key. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 *
 * Deliveries that overwrite can do without: then what they have replaced stays.
 */
export async function probeDelete(context: CheckContext): Promise<Finding> {
  const key = `${context.connection.prefix}_causeway/check-delete`;
  const answer = await context.untilSpread(
    () =>
      attempt('s3:DeleteObject', () =>
        bucketClient(context).send(new DeleteObjectCommand({ ...bucketOf(context), Key: key })),
      ),
    (found) => found.ok || !isDenied(found),
  );
  if (answer.ok) {
    const message = `Was let delete s3://${context.connection.bucket}/${key}, where nothing is`;
    return { verdict: 'passed', message, evidence: answer.evidence };
  }
  return { ...refusalFinding(context, answer, deleteWanted(context)), verdict: 'warned' };
}

function deleteWanted(context: CheckContext): Wanted {
  const { prefix } = context.connection;
  return {
    cause: 'delete_denied',
    what: `delete files under "${prefix}"`,
    action: 's3:DeleteObject',
    resource: `${bucketArn(context)}/${prefix}*`,
    sids: ['Replace'],
  };
}
