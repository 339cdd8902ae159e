import type { AwsError } from '../http/aws-error.ts';
import type { Reply } from '../http/reply.ts';
import { element, text } from '../http/xml.ts';
import type { JsonResult, JsonService } from '../json-protocol/json-operation.ts';
import { errorDocument, resultDocument } from '../query/query-document.ts';
import type { Call } from '../world.ts';
import { queryCodeOf } from './sqs-error.ts';

const namespace = 'http://queue.amazonaws.com/doc/2012-11-05/';

/**
 * The older protocol of SQS, which clients from before 2024 speak: forms in, XML
 * out. What it says is the same, under names in the singular that are counted.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
 */
export const sqsForm: NonNullable<JsonService['form']> = { read, success, refusal };

/** Names in forms and the members they stand for; the rest are called the same. */
const lists: Readonly<Record<string, string>> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  TagKey: 'TagKeys',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
  ChangeMessageVisibilityBatchRequestEntry: 'Entries',
};
const maps: Readonly<Record<string, { readonly member: string; readonly key: string }>> = {
  Attribute: { member: 'Attributes', key: 'Name' },
  MessageAttribute: { member: 'MessageAttributes', key: 'Name' },
  MessageSystemAttribute: { member: 'MessageSystemAttributes', key: 'Name' },
  Tag: { member: 'Tags', key: 'Key' },
};
const numbers: ReadonlySet<string> = new Set([
  'DelaySeconds',
  'MaxNumberOfMessages',
  'MaxResults',
  'VisibilityTimeout',
  'WaitTimeSeconds',
]);

/** What a form says, by the dots in its names: `Attribute.1.Name` is three deep. */
interface FormNode {
  value?: string;
  readonly children: Map<string, FormNode>;
}

function read(call: Call, body: string): { readonly name: string; readonly values: JsonResult } {
  const sent = [...call.incoming.query, ...new URLSearchParams(body)];
  const root: FormNode = { children: new Map() };
  for (const [path, value] of sent) {
    let node = root;
    for (const step of path.split('.')) {
      const next: FormNode = node.children.get(step) ?? { children: new Map() };
      node.children.set(step, next);
      node = next;
    }
    node.value = value;
  }
  const name = root.children.get('Action')?.value ?? '';
  const values = members(root);
  // A form may be sent to the queue's own address instead of naming it.
  const isAddressed = values['QueueUrl'] === undefined && /^\/\d{12}\//.test(call.incoming.rawPath);
  const url = `${call.incoming.scheme}://${call.incoming.headers.get('host')}${call.incoming.rawPath}`;
  return { name, values: { ...values, ...(isAddressed && { QueueUrl: url }) } };
}

function members({ children }: FormNode): JsonResult {
  const found: Record<string, unknown> = {};
  for (const [name, node] of children) {
    const list = lists[name];
    const map = maps[name];
    if (list !== undefined) found[list] = counted(node).map(contentOf);
    else if (map) {
      const entries = counted(node).map((entry) => [
        entry.children.get(map.key)?.value ?? '',
        contentOf(entry.children.get('Value') ?? { value: '', children: new Map() }),
      ]);
      found[map.member] = Object.fromEntries(entries);
    } else if (numbers.has(name)) found[name] = Number(node.value);
    else found[name] = contentOf(node);
  }
  return found;
}

function contentOf(node: FormNode): unknown {
  return node.value === undefined ? members(node) : node.value;
}

/** The items of a list, in the order of their numbers. */
function counted({ children }: FormNode): FormNode[] {
  return [...children].sort(([a], [b]) => Number(a) - Number(b)).map(([, node]) => node);
}

function success(call: Call, name: string, result: JsonResult | null): Reply {
  const elements = result === null ? null : write(result, name);
  return reply(200, resultDocument(call, namespace, name, elements));
}

function refusal(call: Call, error: AwsError): Reply {
  return reply(error.status, errorDocument(call, namespace, error, queryCodeOf(error)));
}

function reply(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

/** Lists and maps become elements in the singular, one for each item. */
function write(values: JsonResult, operation: string): string[] {
  return Object.entries(values).flatMap(([member, value]) => {
    if (Array.isArray(value)) {
      const name = itemName(member, operation);
      return value.map((item) =>
        isObject(item) ? element(name, write(item, operation)) : text(name, String(item)),
      );
    }
    const map = Object.entries(maps).find(([, { member: known }]) => known === member);
    if (map && isObject(value)) return writeMap(map[0], map[1].key, value, operation);
    if (isObject(value)) return [element(member, write(value, operation))];
    return [text(member, String(value))];
  });
}

function writeMap(name: string, key: string, map: JsonResult, operation: string): string[] {
  return Object.entries(map).map(([entry, value]) =>
    element(name, [
      text(key, entry),
      isObject(value) ? element('Value', write(value, operation)) : text('Value', String(value)),
    ]),
  );
}

function itemName(member: string, operation: string): string {
  if (member === 'Successful') return `${operation}ResultEntry`;
  if (member === 'Failed') return 'BatchResultErrorEntry';
  return member.replace(/s$/, '');
}

function isObject(value: unknown): value is JsonResult {
  return typeof value === 'object' && value !== null;
}
