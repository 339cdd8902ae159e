import { createHash, type Hash } from 'node:crypto';
import type { Members } from '../json-protocol/members.ts';
import type { MessageAttribute, MessageRecord } from '../state/sqs-records.ts';
import { invalidParameter } from './sqs-error.ts';

type Attributes = MessageRecord['attributes'];

const maxAttributes = 10;

/** @throws AwsError `InvalidParameterValue`. */
export function readMessageAttributes(input: Members): Attributes {
  const sent = Object.entries(input.memberMap('MessageAttributes'));
  if (sent.length > maxAttributes) {
    throw invalidParameter(
      `Number of message attributes [${sent.length}] exceeds the allowed maximum [${maxAttributes}].`,
    );
  }
  return Object.fromEntries(sent.map(([name, value]) => [name, readOne(name, value)]));
}

/** Those that a receiver asks for: by name, by `prefix.*`, or all. */
export function chosenAttributes(attributes: Attributes, asked: readonly string[]): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) =>
      asked.some(
        (wanted) =>
          wanted === 'All' ||
          wanted === '.*' ||
          wanted === name ||
          (wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -1))),
      ),
    ),
  );
}

export function describeAttributes(attributes: Attributes): Record<string, object> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, text, binary }]) => [
      name,
      {
        DataType: dataType,
        ...(text !== undefined && { StringValue: text }),
        ...(binary !== undefined && { BinaryValue: binary }),
      },
    ]),
  );
}

/** How many bytes attributes add to a message. */
export function attributeBytes(attributes: Attributes): number {
  return Object.entries(attributes).reduce(
    (sum, [name, attribute]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(attribute.dataType) +
      bytesOf(attribute).length,
    0,
  );
}

/**
 * The MD5 by which clients see that attributes arrived unharmed; null where there are none.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function attributesMd5(attributes: Attributes): string | null {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length === 0) return null;
  const hash = createHash('md5');
  for (const [name, attribute] of sorted) {
    add(hash, Buffer.from(name));
    add(hash, Buffer.from(attribute.dataType));
    hash.update(Buffer.of(attribute.binary === undefined ? 1 : 2));
    add(hash, bytesOf(attribute));
  }
  return hash.digest('hex');
}

function add(hash: Hash, bytes: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  hash.update(length).update(bytes);
}

function bytesOf({ text, binary }: MessageAttribute): Buffer {
  return binary === undefined ? Buffer.from(text ?? '') : Buffer.from(binary, 'base64');
}

function readOne(name: string, input: Members): MessageAttribute {
  if (!/^(?!aws\.|amazon\.|\.)(?!.*\.\.)[\w.-]{1,256}$/i.test(name) || name.endsWith('.')) {
    throw invalidParameter(`Message (user) attribute name '${name}' is invalid.`);
  }
  const dataType = input.optionalText('DataType') ?? '';
  const [, kind] = /^(String|Number|Binary)(?:\..{1,256})?$/.exec(dataType) ?? [];
  if (kind === undefined) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const member = kind === 'Binary' ? 'BinaryValue' : 'StringValue';
  const value = input.optionalText(member) ?? '';
  if (value === '') {
    throw invalidParameter(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`,
    );
  }
  if (kind === 'Number' && !Number.isFinite(Number(value))) {
    throw invalidParameter(
      `Can't cast the value of message (user) attribute '${name}' to a number.`,
    );
  }
  return kind === 'Binary' ? { dataType, binary: value } : { dataType, text: value };
}
