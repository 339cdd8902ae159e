import type { JsonOperation, JsonRequest } from '../json-protocol/json-operation.ts';
import type { QueueRecord } from '../state/sqs-records.ts';
import { queueArn, queueKey } from './queue-arn.ts';
import { settings, withAttributes } from './queue-attributes.ts';
import { countMessages, messagesOf } from './queue-messages.ts';
import { invalidParameter, sqsError, sqsRefusal } from './sqs-error.ts';
import { queueDemand, queueNamed, queueOperation, queueUrl } from './sqs-operation.ts';

const purgeIntervalMilliseconds = 60_000;

export const createQueue: JsonOperation = {
  name: 'CreateQueue',
  demands: (request) => [
    {
      action: 'sqs:CreateQueue',
      resource: queueArn(placeOf(request)),
      resourceAccount: request.accountId,
    },
  ],
  run: (request) => {
    const { input, world } = request;
    const place = placeOf(request);
    const at = world.now().toISOString();
    const asked = input.textMap('Attributes');
    const fresh: QueueRecord = {
      ...place,
      createdAt: at,
      modifiedAt: at,
      attributes: {},
      tags: { ...input.textMap('tags'), ...input.textMap('Tags') },
      purgedAt: null,
    };
    const queue = withAttributes(fresh, asked, world);
    const existing = world.state.queues.get(queueKey(place));
    if (existing) mustBeAlike(existing, queue, Object.keys(asked));
    else world.state.commit(world.state.queues.put(queueKey(queue), queue));
    return { QueueUrl: queueUrl(request, place) };
  },
};

export const getQueueUrl: JsonOperation = {
  name: 'GetQueueUrl',
  demands: (request) => [queueDemand('sqs:GetQueueUrl', named(request), request.world)],
  run: (request) => ({ QueueUrl: queueUrl(request, named(request)) }),
};

export const listQueues: JsonOperation = {
  name: 'ListQueues',
  demands: ({ accountId, region }) => [
    {
      action: 'sqs:ListQueues',
      resource: queueArn({ accountId, region, name: '*' }),
      resourceAccount: accountId,
    },
  ],
  run: (request) => {
    const { input, world, accountId, region } = request;
    const prefix = input.optionalText('QueueNamePrefix') ?? '';
    const start = Number(input.optionalText('NextToken') ?? 0);
    const size = input.optionalInteger('MaxResults') ?? 1000;
    if (!Number.isInteger(start) || size < 1 || size > 1000) {
      throw invalidParameter(
        'Value for parameter MaxResults is invalid. Reason: Must be 1 to 1000.',
      );
    }
    const found = [...world.state.queues.under(`${accountId}/${region}/${prefix}`)];
    const page = found.slice(start, start + size);
    const isTruncated = found.length > start + size;
    return {
      ...(page.length > 0 && { QueueUrls: page.map((queue) => queueUrl(request, queue)) }),
      ...(isTruncated && { NextToken: String(start + size) }),
    };
  },
};

export const getQueueAttributes = queueOperation(
  'GetQueueAttributes',
  ({ input, world }, queue) => {
    const asked = input.texts('AttributeNames');
    const all: Record<string, string> = {
      ...settings(queue),
      ...countMessages(queue, world),
      CreatedTimestamp: toSeconds(queue.createdAt),
      LastModifiedTimestamp: toSeconds(queue.modifiedAt),
      QueueArn: queueArn(queue),
    };
    const unknown = asked.find((name) => !known.has(name) && !Object.hasOwn(all, name));
    if (unknown !== undefined) {
      throw sqsError(
        'InvalidAttributeName',
        'InvalidAttributeName',
        `Unknown Attribute ${unknown}.`,
      );
    }
    const wanted = Object.entries(all).filter(
      ([name]) => asked.includes('All') || asked.includes(name),
    );
    return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
  },
);

export const setQueueAttributes = queueOperation(
  'SetQueueAttributes',
  ({ input, world }, queue) => {
    const changed = withAttributes(queue, input.textMap('Attributes'), world);
    const modifiedAt = world.now().toISOString();
    world.state.commit(world.state.queues.put(queueKey(queue), { ...changed, modifiedAt }));
    return null;
  },
);

export const deleteQueue = queueOperation('DeleteQueue', ({ world }, queue) => {
  const { state } = world;
  state.commit(state.queues.remove(queueKey(queue)), ...removeAll(world.state, queue));
  return null;
});

export const purgeQueue = queueOperation('PurgeQueue', ({ world }, queue) => {
  const { state } = world;
  const now = world.now();
  const last = queue.purgedAt === null ? Number.NEGATIVE_INFINITY : Date.parse(queue.purgedAt);
  if (now.getTime() - last < purgeIntervalMilliseconds) {
    throw sqsError(
      'PurgeQueueInProgress',
      'AWS.SimpleQueueService.PurgeQueueInProgress',
      `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
      403,
    );
  }
  const purged = { ...queue, purgedAt: now.toISOString() };
  state.commit(state.queues.put(queueKey(queue), purged), ...removeAll(state, queue));
  return null;
});

export const listQueueTags = queueOperation('ListQueueTags', (_request, { tags }) =>
  Object.keys(tags).length === 0 ? {} : { Tags: tags },
);

export const tagQueue = queueOperation('TagQueue', ({ input, world }, queue) => {
  const tags = { ...queue.tags, ...input.textMap('Tags') };
  world.state.commit(world.state.queues.put(queueKey(queue), { ...queue, tags }));
  return null;
});

export const untagQueue = queueOperation('UntagQueue', ({ input, world }, queue) => {
  const gone = new Set(input.texts('TagKeys'));
  const tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !gone.has(key)));
  world.state.commit(world.state.queues.put(queueKey(queue), { ...queue, tags }));
  return null;
});

/** Attributes that can be asked for, though a queue may be without them. */
const known: ReadonlySet<string> = new Set([
  'All',
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);

function placeOf({ input, accountId, region }: JsonRequest) {
  const name = input.text('QueueName');
  if (name.endsWith('.fifo')) {
    throw sqsRefusal('UnsupportedOperation', 'The sandbox does not have FIFO queues');
  }
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw invalidParameter(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  return { accountId, region, name };
}

function named({ input, accountId, region, world }: JsonRequest): QueueRecord {
  const owner = input.optionalText('QueueOwnerAWSAccountId') ?? accountId;
  return queueNamed({ accountId: owner, region, name: input.text('QueueName') }, world);
}

/** Creating a queue again is no error as long as what is asked for is what is there. */
function mustBeAlike(existing: QueueRecord, wanted: QueueRecord, asked: readonly string[]): void {
  const different = asked.find((name) => settings(existing)[name] !== settings(wanted)[name]);
  if (different === undefined) return;
  throw sqsError(
    'QueueNameExists',
    'QueueAlreadyExists',
    `A queue already exists with the same name and a different value for attribute ${different}`,
  );
}

function removeAll(state: JsonRequest['world']['state'], queue: QueueRecord) {
  return [...state.messages.keysUnder(messagesOf(queue))].map((key) => state.messages.remove(key));
}

function toSeconds(isoTime: string): string {
  return String(Math.floor(Date.parse(isoTime) / 1000));
}
