import { evaluate } from '@causeway/policy';
import { queueArn, queueOfArn } from '../../sqs/queue-arn.ts';
import { queueDemand } from '../../sqs/sqs-operation.ts';
import type { BucketRecord } from '../../state/records.ts';
import type { QueueRecord } from '../../state/sqs-records.ts';
import type { World } from '../../world.ts';
import { bucketArn } from '../s3-operation.ts';

const service = 's3.amazonaws.com';

/** What S3 says of a queue that it cannot send to. */
export type Obstacle =
  | 'The destination queue does not exist'
  | 'Permissions on the destination queue do not allow S3 to publish notifications from this bucket';

/** The queue that an ARN names, when S3 may send events of this bucket there; otherwise why not. */
export function findEventQueue(
  arn: string,
  bucket: BucketRecord,
  world: World,
): QueueRecord | Obstacle {
  const queue = queueOfArn(arn, world.state);
  if (!queue) return 'The destination queue does not exist';
  if (mayPublish(queue, bucket, world)) return queue;
  return 'Permissions on the destination queue do not allow S3 to publish notifications from this bucket';
}

/** S3 comes as itself, so that the policy of the queue alone decides. */
function mayPublish(queue: QueueRecord, bucket: BucketRecord, world: World): boolean {
  const demand = queueDemand('sqs:SendMessage', queue, world);
  const owner = world.organization.membershipOf(queue.accountId);
  const source = world.organization.membershipOf(bucket.accountId);
  const now = world.now();
  const decision = evaluate(
    {
      principal: service,
      action: demand.action,
      resource: queueArn(queue),
      resourceAccount: queue.accountId,
      context: {
        ...demand.context,
        'aws:SourceArn': bucketArn(bucket.name),
        'aws:SourceAccount': bucket.accountId,
        'aws:PrincipalServiceName': service,
        'aws:SecureTransport': 'true',
        'aws:CurrentTime': now.toISOString(),
        'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
        ...(source && { 'aws:SourceOrgID': source.organizationId }),
      },
    },
    {
      resourcePolicy: demand.resourcePolicy ?? null,
      resourceControlPolicies: owner?.resourceControlPolicies ?? [],
    },
  );
  return decision.decision === 'allowed';
}
