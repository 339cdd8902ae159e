import type { QueueRecord } from '../state/sqs-records.ts';
import type { State } from '../state/state.ts';

export type QueueName = Pick<QueueRecord, 'accountId' | 'region' | 'name'>;

export function queueArn({ region, accountId, name }: QueueName): string {
  return `arn:aws:sqs:${region}:${accountId}:${name}`;
}

/** The key of a queue among the queues. */
export function queueKey({ accountId, region, name }: QueueName): string {
  return `${accountId}/${region}/${name}`;
}

/** The queue that an ARN names; undefined when there is none. */
export function queueOfArn(arn: string, state: State): QueueRecord | undefined {
  const place = readQueueArn(arn);
  return place ? state.queues.get(queueKey(place)) : undefined;
}

/** Reads an ARN; null for what is none of a queue. */
function readQueueArn(arn: string): QueueName | null {
  const [, region, accountId, name] =
    /^arn:aws:sqs:([a-z0-9-]+):(\d{12}):([\w.-]+)$/.exec(arn) ?? [];
  return region && accountId && name ? { accountId, region, name } : null;
}
