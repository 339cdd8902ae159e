import type { Demand } from '../access/authorize.ts';
import { tagContext } from '../access/context.ts';
import { livePolicy } from '../access/named-principals.ts';
import type { JsonOperation, JsonRequest, JsonResult } from '../json-protocol/json-operation.ts';
import type { QueueRecord } from '../state/sqs-records.ts';
import type { World } from '../world.ts';
import { type QueueName, queueArn, queueKey } from './queue-arn.ts';
import { sqsError } from './sqs-error.ts';

/**
 * What the policy of a queue cannot open to another account.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html#grant-cross-account-permissions-to-role-and-user-name
 */
const ownAccountOnly: ReadonlySet<string> = new Set([
  'sqs:DeleteQueue',
  'sqs:SetQueueAttributes',
  'sqs:ListQueueTags',
  'sqs:TagQueue',
  'sqs:UntagQueue',
]);

/** An operation on the queue that `QueueUrl` names, which its caller must be allowed. */
export function queueOperation(
  name: string,
  run: (request: JsonRequest, queue: QueueRecord) => JsonResult | null | Promise<JsonResult | null>,
): JsonOperation {
  // A batch takes the permission of what it is a batch of.
  const action = `sqs:${name.replace(/Batch$/, '')}`;
  return {
    name,
    demands: (request) => [queueDemand(action, findQueue(request), request.world)],
    run: (request) => run(request, findQueue(request)),
  };
}

export function queueDemand(action: string, queue: QueueRecord, world: World): Demand {
  const document = queue.attributes['Policy'];
  const isOpen = document !== undefined && !ownAccountOnly.has(action);
  return {
    action,
    resource: queueArn(queue),
    resourceAccount: queue.accountId,
    resourcePolicy: isOpen
      ? livePolicy(
          { document, ids: queue.policyPrincipalIds },
          { name: 'queue policy', type: 'resource' },
          world,
        )
      : null,
    context: tagContext('aws:ResourceTag', queue.tags),
  };
}

/** @throws AwsError `QueueDoesNotExist`. */
function findQueue({ input, world, region, accountId }: JsonRequest): QueueRecord {
  const url = input.text('QueueUrl');
  const [, owner, name = ''] =
    /^(?:https?:\/\/[^/]+)?(?:\/(\d{12}))?\/?([\w.-]+)\/?$/.exec(url) ?? [];
  return queueNamed({ accountId: owner ?? accountId, region, name }, world);
}

export function queueNamed(place: QueueName, { state }: Pick<World, 'state'>): QueueRecord {
  const queue = state.queues.get(queueKey(place));
  if (queue) return queue;
  throw sqsError(
    'QueueDoesNotExist',
    'AWS.SimpleQueueService.NonExistentQueue',
    'The specified queue does not exist.',
  );
}

/** The address of a queue, under the name by which the sandbox was called. */
export function queueUrl({ call }: JsonRequest, { accountId, name }: QueueName): string {
  const host = call.incoming.headers.get('host') ?? 'localhost';
  return `${call.incoming.scheme}://${host}/${accountId}/${name}`;
}
