import { AwsError } from '../../http/aws-error.ts';
import { type JsonObject, readJsonObject } from '../../http/json-object.ts';

/** What a POST policy says of the size of the file, both ends included. */
export interface SizeRange {
  readonly min: number;
  readonly max: number;
}

/** What a policy is held against. Names are in lower case. */
export interface PolicySubject {
  readonly bucket: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Names as sent, for the words of a refusal. */
  readonly names: readonly string[];
  /** Whether the policy, which ends then, is still good. */
  readonly isAlive: (expiration: Date) => boolean;
}

interface PostPolicy {
  readonly expiration: Date;
  readonly conditions: readonly PostCondition[];
}

/** The operator and its arguments, as the policy has them. */
type PostCondition = readonly [operator: string, first: string | number, second: string | number];

/** Fields that no condition needs to cover. */
const uncovered = /^(x-amz-signature|file|policy|signature|awsaccesskeyid|x-ignore-.*)$/;

/**
 * Holds a form to its policy: every condition must be met, and every field must be
 * covered by one. The bucket counts as a field, though the URL says it.
 * https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-HTTPPOSTConstructPolicy.html
 *
 * @returns the sizes that the file may have, which shows only later.
 * @throws AwsError `InvalidPolicyDocument` for what is no policy, and `AccessDenied`.
 */
export function checkPostPolicy(encoded: string, subject: PolicySubject): SizeRange | null {
  const policy = readPolicy(Buffer.from(encoded, 'base64').toString());
  if (!subject.isAlive(policy.expiration)) throw refused('Policy expired.');
  const covered = new Set<string>();
  let size: SizeRange | null = null;
  for (const condition of policy.conditions) {
    const [operator, name, value] = condition;
    if (operator.toLowerCase() === 'content-length-range') {
      size = readRange(condition);
      continue;
    }
    const field = String(name).startsWith('$') ? String(name).slice(1).toLowerCase() : null;
    const found = field === 'bucket' ? subject.bucket : subject.fields.get(field ?? '');
    const isMet =
      field !== null && found !== undefined && meets(operator, field, found, String(value));
    if (!isMet) throw failed(condition);
    covered.add(field);
  }
  const extra = [...subject.names, 'bucket'].find((name) => {
    const lower = name.toLowerCase();
    return !covered.has(lower) && !uncovered.test(lower);
  });
  if (extra !== undefined) throw refused(`Extra input fields: ${extra}`);
  return size;
}

function meets(operator: string, field: string, found: string, value: string): boolean {
  if (operator.toLowerCase() === 'eq') return found === value;
  // Of this field alone a comma makes a list, all of whose items must begin so.
  const items = field === 'content-type' ? found.split(',') : [found];
  return items.every((item) => item.trimStart().startsWith(value) || item.startsWith(value));
}

function readRange(condition: PostCondition): SizeRange {
  const [, min, max] = condition.map((bound) =>
    /^\d+$/.test(String(bound)) ? Number(bound) : null,
  );
  if (min === undefined || max === undefined || min === null || max === null) {
    throw failed(condition);
  }
  return { min, max };
}

function readPolicy(document: string): PostPolicy {
  const json = readJson(document);
  const members = new Map(Object.entries(json));
  const stray = [...members.keys()].find((name) => name !== 'expiration' && name !== 'conditions');
  if (stray !== undefined) throw invalid(`Unexpected: '${stray.toLowerCase()}'`);
  const expiration = members.get('expiration');
  const conditions = members.get('conditions');
  if (expiration === undefined) throw invalid('Policy missing expiration.');
  if (conditions === undefined) throw invalid('Policy missing conditions.');
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List.");
  return { expiration: readExpiration(expiration), conditions: conditions.map(readCondition) };
}

function readJson(document: string): JsonObject {
  const json = readJsonObject(document);
  if (json) return json;
  throw invalid('Invalid JSON.');
}

function readExpiration(value: unknown): Date {
  const isTime =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
  const time = new Date(isTime ? value : Number.NaN);
  if (Number.isNaN(time.getTime())) throw invalid(`Invalid 'expiration' value: '${String(value)}'`);
  return time;
}

function readCondition(condition: unknown): PostCondition {
  if (Array.isArray(condition)) return readList(condition);
  if (typeof condition !== 'object' || condition === null) {
    throw invalid('Invalid condition test: must be a List or Object.');
  }
  const [entry, ...others] = Object.entries(condition);
  if (!entry || others.length > 0) {
    throw invalid(
      'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
    );
  }
  const [name, value] = entry;
  if (typeof value !== 'string') throw invalid('Invalid Simple-Condition: value must be a string.');
  return ['eq', `$${name}`, value];
}

function readList(condition: readonly unknown[]): PostCondition {
  const [operator, first, second] = condition;
  if (typeof operator !== 'string') {
    throw invalid('Invalid Condition: missing operation identifier.');
  }
  const name = operator.toLowerCase();
  if (name !== 'eq' && name !== 'starts-with' && name !== 'content-length-range') {
    throw invalid(`Invalid Condition: unknown operation '${operator}'.`);
  }
  if (condition.length !== 3) throw invalid(`Invalid ${name}: wrong number of arguments.`);
  const isRange = name === 'content-length-range';
  for (const argument of [first, second]) {
    const isGood = typeof argument === 'string' || (isRange && Number.isInteger(argument));
    if (!isGood) throw invalid('Invalid JSON.');
  }
  return [operator, first as string | number, second as string | number];
}

function failed(condition: PostCondition): AwsError {
  const shown = condition.map((item) => JSON.stringify(item)).join(', ');
  return refused(`Policy Condition failed: [${shown}]`);
}

function refused(reason: string): AwsError {
  return new AwsError(403, 'AccessDenied', `Invalid according to Policy: ${reason}`);
}

function invalid(reason: string): AwsError {
  return new AwsError(400, 'InvalidPolicyDocument', `Invalid Policy: ${reason}`);
}
