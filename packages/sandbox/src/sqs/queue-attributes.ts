import { PolicySyntaxError, parsePolicy } from '@causeway/policy';
import { checkPrincipals } from '../access/check-principals.ts';
import { principalIds } from '../access/named-principals.ts';
import type { AwsError } from '../http/aws-error.ts';
import { readJsonObject } from '../http/json-object.ts';
import type { QueueRecord } from '../state/sqs-records.ts';
import type { World } from '../world.ts';
import { queueArn, queueOfArn } from './queue-arn.ts';
import { sqsError, sqsRefusal } from './sqs-error.ts';

/** Attributes that are numbers: least, most, and what they are when nothing is said. */
const numbers: Readonly<Record<string, readonly [min: number, max: number, normally: number]>> = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
};

/** Where a message goes that was received too often. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export function numberOf({ attributes }: QueueRecord, name: keyof typeof numbers & string): number {
  return Number(attributes[name] ?? numbers[name]?.[2] ?? 0);
}

export function redriveOf({ attributes }: QueueRecord): RedrivePolicy | null {
  const document = attributes['RedrivePolicy'];
  return document === undefined ? null : readRedrive(document);
}

/** The attributes that were set or have a value anyway; counts are not among them. */
export function settings({ attributes }: QueueRecord): Record<string, string> {
  const normal = Object.entries(numbers).map(([name, [, , value]]) => [name, String(value)]);
  return { ...Object.fromEntries(normal), SqsManagedSseEnabled: 'true', ...attributes };
}

/**
 * A queue with attributes changed as a request asks. An empty policy takes one away.
 *
 * @throws AwsError `InvalidAttributeName`, `InvalidAttributeValue` or `UnsupportedOperation`.
 */
export function withAttributes(
  queue: QueueRecord,
  asked: Readonly<Record<string, string>>,
  world: World,
): QueueRecord {
  const attributes: Record<string, string> = { ...queue.attributes };
  let ids = queue.policyPrincipalIds;
  for (const [name, value] of Object.entries(asked)) {
    if (name === 'Policy') ids = value === '' ? {} : readPolicy(value, world);
    if (removable.has(name) && value === '') delete attributes[name];
    else attributes[name] = checkAttribute(name, value, queue, world);
  }
  return { ...queue, attributes, ...(ids && { policyPrincipalIds: ids }) };
}

const removable: ReadonlySet<string> = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy']);

function checkAttribute(name: string, value: string, queue: QueueRecord, world: World): string {
  const range = numbers[name];
  if (range) {
    const [min, max] = range;
    const isRight = /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max;
    if (!isRight) throw invalidValue(name);
    return String(Number(value));
  }
  switch (name) {
    case 'Policy':
      // Was read for the principals that it names.
      return value;
    case 'RedrivePolicy':
      checkRedrive(value, queue, world);
      return value;
    case 'RedriveAllowPolicy':
      readAllowedSources(value);
      return value;
    case 'SqsManagedSseEnabled':
      if (value !== 'true' && value !== 'false') throw invalidValue(name);
      return value;
    case 'FifoQueue':
    case 'ContentBasedDeduplication':
    case 'DeduplicationScope':
    case 'FifoThroughputLimit':
      throw sqsRefusal('UnsupportedOperation', 'The sandbox does not have FIFO queues');
    case 'KmsMasterKeyId':
    case 'KmsDataKeyReusePeriodSeconds':
      throw sqsRefusal('UnsupportedOperation', 'The sandbox does not encrypt queues by KMS');
    default:
      throw sqsError('InvalidAttributeName', 'InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
}

function readPolicy(document: string, world: World) {
  try {
    const policy = parsePolicy(document, { name: 'queue policy', type: 'resource' });
    if (checkPrincipals(policy, world) !== null) throw invalidValue('Policy');
    return principalIds(policy, world.iam);
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw invalidValue('Policy', error.message);
    throw error;
  }
}

/** The dead-letter queue must be there, be the account's own, and let this one in. */
function checkRedrive(document: string, queue: QueueRecord, { state }: World): void {
  const redrive = readRedrive(document);
  const found = redrive ? queueOfArn(redrive.deadLetterTargetArn, state) : undefined;
  if (!redrive || !found || !isNeighbour(queue, found) || !letsIn(found, queue)) {
    throw invalidValue('RedrivePolicy');
  }
}

function isNeighbour(queue: QueueRecord, other: QueueRecord): boolean {
  return queue.accountId === other.accountId && queue.region === other.region;
}

function letsIn(deadLetters: QueueRecord, source: QueueRecord): boolean {
  const document = deadLetters.attributes['RedriveAllowPolicy'];
  if (document === undefined) return true;
  const { permission, sources } = readAllowedSources(document);
  return (
    permission === 'allowAll' || (permission === 'byQueue' && sources.includes(queueArn(source)))
  );
}

function readRedrive(document: string): RedrivePolicy | null {
  const value = readJsonObject(document);
  const target = value?.['deadLetterTargetArn'];
  const count = Number(value?.['maxReceiveCount']);
  if (typeof target !== 'string' || !Number.isInteger(count) || count < 1 || count > 1000)
    return null;
  return { deadLetterTargetArn: target, maxReceiveCount: count };
}

function readAllowedSources(document: string): {
  readonly permission: string;
  readonly sources: readonly unknown[];
} {
  const value = readJsonObject(document);
  const permission = value?.['redrivePermission'];
  const sources = value?.['sourceQueueArns'] ?? [];
  if (typeof permission !== 'string' || !/^(allowAll|denyAll|byQueue)$/.test(permission)) {
    throw invalidValue('RedriveAllowPolicy');
  }
  if (!Array.isArray(sources)) throw invalidValue('RedriveAllowPolicy');
  return { permission, sources };
}

function invalidValue(name: string, why?: string): AwsError {
  const message = `Invalid value for the parameter ${name}.${why === undefined ? '' : ` Reason: ${why}`}`;
  return sqsError('InvalidAttributeValue', 'InvalidAttributeValue', message);
}
