import type { Found, Layer, NearMiss } from './consult.ts';
import type { Facts } from './facts.ts';
import { valuesOf } from './match-condition.ts';
import type { Condition, PolicyType } from './model.ts';

/** One sentence: who may do what, and by which statements. */
export function explainAllow(facts: Facts, allows: readonly Found[]): string {
  const by = [...new Set(allows.map(nameOf))];
  const root = facts.caller.kind === 'root' ? ['the root user owns its account'] : [];
  const reasons = [...by.map((name) => `${name} allows it`), ...root];
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
export function explainMissing(facts: Facts, layer: Layer, instead: Layer | null): string {
  const hints = [layer, ...(instead ? [instead] : [])].map(({ nearMiss }) =>
    hintOf(facts, nearMiss),
  );
  return `${subject(facts, 'may not')}: ${silence(facts, layer)}${hints.join('')}`;
}

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
};

function silence(facts: Facts, layer: Layer): string {
  const { caller, request } = facts;
  const level = layer.level === undefined ? '' : ` at level ${layer.level}`;
  const crossing = caller.account !== null && caller.account !== request.resourceAccount;
  const both = crossing
    ? `, and between accounts ${caller.account} and ${request.resourceAccount} both sides must allow`
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

function hintOf(facts: Facts, miss: NearMiss | null): string {
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

function nameOf({ policy, statement, ordinal }: Omit<Found, 'grade'>): string {
  const which = statement.sid === null ? `statement ${ordinal}` : `statement "${statement.sid}"`;
  return `${which} of "${policy.name}"`;
}

function shown(condition: Condition): string {
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
