import type { Condition, PolicyType } from '../model.ts';
import { aclName, type Found, type Layer, type NearMiss } from './consult.ts';
import type { Facts } from './facts.ts';
import { valuesOf } from './match-condition.ts';
import type { RefusingSetting } from './s3-access.ts';

/** One sentence: who may do what, and by which statements. */
export function explainAllow(facts: Facts, allows: readonly Found[]): string {
  const [only] = allows;
  if (only && allows.length === 1 && facts.caller.kind !== 'root') {
    return `${subject(facts, 'may')}: ${nameOf(only)} allows it`;
  }
  const reasons: string[] = [];
  for (const found of allows) {
    const reason = `${nameOf(found)} allows it`;
    if (!reasons.includes(reason)) reasons.push(reason);
  }
  if (facts.caller.kind === 'root') reasons.push('the root user owns its account');
  return `${subject(facts, 'may')}: ${reasons.join(', ')}`;
}

/** One sentence: who may not do what, and which statements forbid it. */
export function explainDeny(facts: Facts, layer: Layer): string {
  const reasons = layer.denies.map((found) => {
    const when = found.statement.conditions.map((condition) => shown(condition)).join(' and ');
    return `${nameOf(found)} denies it${when === '' ? '' : ` when ${when}`}`;
  });
  return `${subject(facts, 'may not')}: ${[...new Set(reasons)].join(', ')}`;
}

/**
 * One sentence: who may not do what, which kind of policy is silent, and what came
 * closest. `instead` is another layer that would have been enough.
 */
export function explainMissing(
  facts: Facts,
  layer: Layer,
  instead: Layer | null,
  owner: string,
): string {
  const hints = [layer, ...(instead ? [instead] : [])].map(({ nearMiss }) =>
    hintOf(facts, nearMiss),
  );
  return `${subject(facts, 'may not')}: ${silence(facts, layer, owner)}${hints.join('')}`;
}

/** One sentence: who may not do what, and which setting of S3's public access block forbids it. */
export function explainBlock(facts: Facts, setting: RefusingSetting): string {
  return `${subject(facts, 'may not')}: ${blocks[setting]}`;
}

export const blocks: Readonly<Record<RefusingSetting, string>> = {
  restrictPublicBuckets:
    'the bucket policy is public, and RestrictPublicBuckets of the public access block leaves access to the account of the bucket and to AWS services',
  blockPublicAcls:
    'the request sets a public access control list, which BlockPublicAcls of the public access block forbids',
};

function subject({ request, caller }: Facts, verb: string): string {
  const who = caller.kind === 'anonymous' ? 'An anonymous caller' : `"${request.principal}"`;
  return `${who} ${verb} call ${request.action} on "${request.resource}"`;
}

const nouns: Readonly<Record<PolicyType, string>> = {
  'identity-based': 'identity policy of the caller',
  'resource-based': 'statement of the resource policy',
  session: 'session policy',
  'permissions boundary': 'statement of the permissions boundary',
  'service control': 'service control policy',
  'resource control': 'resource control policy',
  'role trust': "statement of the role's trust policy",
  'VPC endpoint': 'statement of the VPC endpoint policy',
  'public access block': 'public access block',
  'access control list': 'grant of the access control list',
};

function silence(facts: Facts, layer: Layer, owner: string): string {
  const { caller } = facts;
  const level = layer.level === undefined ? '' : ` at level ${layer.level}`;
  if (layer.ineffective !== undefined) return layer.ineffective;
  if (layer.type === 'access control list') {
    return `the object belongs to account ${owner}, so the bucket policy cannot allow it, and no grant of the object's access control list does`;
  }
  const crossing = caller.account !== null && caller.account !== owner;
  const both = crossing
    ? `, and between accounts ${caller.account} and ${owner} both sides must allow`
    : '';
  if (!layer.attached) {
    const absent: Partial<Record<PolicyType, string>> = {
      'identity-based': 'no identity policy is attached to the caller',
      'resource-based': 'the resource has no policy',
      'role trust': 'the role has no trust policy',
    };
    return `${absent[layer.type] ?? `there is no ${nouns[layer.type]}${level}`}${both}`;
  }
  return `no ${nouns[layer.type]}${level} allows it${both}`;
}

export function hintOf(facts: Facts, miss: NearMiss | null): string {
  if (!miss) return '';
  const name = nameOf(miss);
  const { match, statement } = miss;
  switch (match.failed) {
    case 'action':
      return '';
    case 'resource':
      return `; ${name} allows the action, but on ${listOf(statement.resource?.patterns ?? [], statement.resource?.not)}`;
    case 'principal':
      return `; ${name} allows it, but to ${listOf(principalsOf(miss), false)}`;
    case 'condition':
      return `; ${name} would allow it, but only when ${shown(match.condition)}, and ${foundFor(facts, match.condition)}`;
  }
}

function principalsOf({ statement }: NearMiss): readonly string[] {
  const principal = statement.principal;
  if (!principal) return ['nobody'];
  return [
    ...principal.aws,
    ...principal.service,
    ...principal.federated,
    ...principal.canonicalUser,
  ];
}

export function nameOf({ policy, statement, ordinal }: Omit<Found, 'grade'>): string {
  if (policy.name === aclName && policy.statements.length === 0) {
    return `grant ${ordinal} (${statement.action.patterns.join()}) of the access control list`;
  }
  const which = statement.sid === null ? `statement ${ordinal}` : `statement "${statement.sid}"`;
  return `${which} of "${policy.name}"`;
}

export function shown(condition: Condition): string {
  return `${condition.operator} ${condition.key} ${listOf(condition.values, false)}`;
}

function foundFor({ context }: Facts, condition: Condition): string {
  const values = valuesOf(context, condition.key);
  return values.length === 0
    ? `the request has no ${condition.key}`
    : `the request has ${listOf(values, false)}`;
}

/** Enough to recognise it; the whole stands in the policy. */
function listOf(values: readonly string[], not: boolean | undefined): string {
  const some = values.slice(0, 3).map((value) => JSON.stringify(value));
  const more = values.length > 3 ? ` and ${values.length - 3} more` : '';
  return `${not ? 'everything but ' : ''}${some.join(', ')}${more}`;
}
