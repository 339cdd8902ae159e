import { operatorNames, readOperator } from '../evaluate/condition-operators.ts';
import type { Condition } from '../model.ts';
import { describeNode, type PolicySource, refuse } from './policy-source.ts';
import type { JsonEntry, JsonNode } from './read-json.ts';

/** @throws PolicySyntaxError */
export function parseConditions(source: PolicySource, block: JsonNode): Condition[] {
  return entriesOf(source, block, 'a condition operator such as "StringEquals"').flatMap(
    (operator) => {
      if (!readOperator(operator.key)) throw unknownOperator(source, operator);
      const keys = entriesOf(source, operator.value, 'a condition key such as "aws:SourceIp"');
      for (const key of keys) checkKey(source, key);
      return keys.map((key) => ({
        operator: operator.key,
        key: key.key,
        values: readValues(source, key.value),
      }));
    },
  );
}

function entriesOf(source: PolicySource, node: JsonNode, what: string): readonly JsonEntry[] {
  if (node.kind === 'object') return node.entries;
  throw refuse(
    source,
    node,
    `found ${describeNode(node)}`,
    `Write an object that begins with ${what}`,
  );
}

/** Any key of the form may come: services have their own, and tags any characters. */
function checkKey(source: PolicySource, { key, ...place }: JsonEntry): void {
  if (/^[\w./-]+:.+$/s.test(key)) return;
  throw refuse(
    source,
    place,
    `found the condition key "${key}"`,
    'Write it with its service, such as "aws:SourceIp" or "s3:prefix"',
    'Policy has an invalid condition key',
  );
}

function unknownOperator(source: PolicySource, operator: JsonEntry) {
  const bare = operator.key.replace(/^.*:/, '').replace(/IfExists$/i, '');
  const meant = operatorNames().find((name) => name.toLowerCase() === bare.toLowerCase());
  return refuse(
    source,
    operator,
    `found the condition operator "${operator.key}", which AWS does not know`,
    meant === 'Null'
      ? 'Write "Null" alone: it has no IfExists form'
      : meant
        ? `Write "${meant}", with "ForAnyValue:" or "ForAllValues:" before it and "IfExists" after it where needed`
        : `Use one of ${operatorNames().join(', ')}`,
  );
}

function readValues(source: PolicySource, node: JsonNode): string[] {
  const nodes = node.kind === 'array' ? node.items : [node];
  return nodes.map((item) => {
    if (item.kind === 'string' || item.kind === 'number' || item.kind === 'boolean') {
      return item.value;
    }
    throw refuse(
      source,
      item,
      `found ${describeNode(item)} as a value to compare with`,
      'Write a string, a number, true or false, or a list of these',
    );
  });
}
