import type { AccessRequest, Decision, Policy, PolicyKind, PolicySet } from '../model.ts';
import { type Given, items, malformed, readObject, shown } from '../parse/case-json.ts';
import { parsePolicy } from '../parse/parse-policy.ts';
import { readCaller } from './caller.ts';
import { isKeyAction, isTrustAction } from './consult.ts';
import { evaluate } from './evaluate.ts';
import { readS3Settings } from './read-s3-settings.ts';

const caseKeys = [
  'request',
  'identityPolicies',
  'resourcePolicy',
  'sessionPolicies',
  'permissionsBoundary',
  'serviceControlPolicies',
  'resourceControlPolicies',
  'vpcEndpointPolicies',
  's3',
];
/** Kept in collections of cases, and without influence on the decision. */
const noteKeys = ['name', 'why', 'expect'];
const requestKeys = [
  'principal',
  'action',
  'resource',
  'resourceAccount',
  'context',
  'canonicalUserId',
];

/**
 * Decides a case in JSON, as `causeway policy evaluate` reads it: a request and the
 * policies that apply to it. Policies are named by their place in the case, such
 * as `identityPolicies[0]`.
 *
 * @throws PolicySyntaxError if the case or a policy in it is malformed. An unknown
 * key is refused: a misspelt `sessionPolicies` must not widen the answer.
 */
export function evaluateCase(
  json: unknown,
  { parse = parsePolicy }: EvaluateCaseOptions = {},
): Omit<Decision, 'deniedBy'> {
  const given = readObject(json, '', [...caseKeys, ...noteKeys]);
  const request = readRequest(given['request']);
  const { readOne, readList, readLevels } = policyReaders(parse);
  const set: PolicySet = {
    identityPolicies: readList(given, 'identityPolicies', 'identity'),
    resourcePolicy: readOne(given, 'resourcePolicy', resourceKind(request)),
    sessionPolicies: readList(given, 'sessionPolicies', 'session'),
    permissionsBoundary: readOne(given, 'permissionsBoundary', 'boundary'),
    serviceControlPolicies: readLevels(given, 'serviceControlPolicies', 'service-control'),
    resourceControlPolicies: readLevels(given, 'resourceControlPolicies', 'resource-control'),
    vpcEndpointPolicies: readList(given, 'vpcEndpointPolicies', 'endpoint'),
    ...readS3Settings(given['s3']),
  };
  const { decision, because, statements } = evaluate(request, set);
  return { decision, because, statements };
}

export interface EvaluateCaseOptions {
  /** `cachingParser()` for many cases with the same policies; `parsePolicy` if not given. */
  readonly parse?: typeof parsePolicy;
}

function resourceKind(request: AccessRequest): PolicyKind {
  if (isTrustAction(request.action)) return 'trust';
  return isKeyAction(request) ? 'key' : 'resource';
}

export function readRequest(value: unknown): AccessRequest {
  const given = readObject(value, 'request', requestKeys);
  const text = (key: string): string => {
    const found = given[key];
    if (typeof found === 'string' && found !== '') return found;
    throw malformed(`request.${key}`, `found ${shown(found)}`, 'Give a string that is not empty');
  };
  const context = given['context'] ?? {};
  const request = {
    principal: text('principal'),
    action: text('action'),
    resource: text('resource'),
    resourceAccount: text('resourceAccount'),
    context: readContext(context),
  };
  if (!readCaller(request)) {
    const found = `found "${request.principal}", which is no principal of AWS`;
    const hint = 'Give the ARN of a user, role, session or root user, or "*" for anonymous callers';
    throw malformed('request.principal', found, hint);
  }
  if (given['canonicalUserId'] === undefined) return request;
  return { ...request, canonicalUserId: text('canonicalUserId') };
}

function readContext(value: unknown): AccessRequest['context'] {
  const context: [string, string | string[]][] = [];
  for (const [key, found] of Object.entries(readObject(value, 'request.context', null))) {
    // Null is how IAM writes that a key is not there.
    if (found === null) continue;
    const path = `request.context.${key}`;
    context.push([
      key,
      Array.isArray(found) ? found.map((item) => scalar(item, path)) : scalar(found, path),
    ]);
  }
  return Object.fromEntries(context);
}

function scalar(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw malformed(path, `found ${shown(value)}`, 'Give a string, or a list of strings');
}

function policyReaders(parse: typeof parsePolicy) {
  const read = (value: unknown, name: string, type: PolicyKind): Policy => {
    if (typeof value === 'string' || (typeof value === 'object' && value !== null)) {
      return parse(value, { name, type });
    }
    throw malformed(name, `found ${shown(value)}`, 'Give a policy document');
  };
  const readAll = (values: unknown, path: string, type: PolicyKind): Policy[] =>
    items(values, path).map((item, index) => read(item, `${path}[${index}]`, type));
  return {
    readOne(given: Given, path: string, type: PolicyKind): Policy | null {
      const value = given[path];
      return value === undefined || value === null ? null : read(value, path, type);
    },
    readList: (given: Given, path: string, type: PolicyKind) => readAll(given[path], path, type),
    readLevels: (given: Given, path: string, type: PolicyKind) =>
      items(given[path], path).map((level, index) => readAll(level, `${path}[${index}]`, type)),
  };
}
