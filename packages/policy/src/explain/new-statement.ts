import type { Caller } from '../evaluate/caller.ts';
import { isTrustAction, namesPrincipals } from '../evaluate/consult.ts';
import type { Facts } from '../evaluate/facts.ts';
import { literalPattern } from '../generate/pattern-text.ts';
import type { Condition, Policy } from '../model.ts';
import type { Attached } from './attached-documents.ts';

/**
 * A statement that allows one request and nothing beside it, under the conditions given;
 * null where only a statement that trusts too many could do it.
 */
export function newStatement(
  facts: Facts,
  given: Attached,
  kept: readonly Condition[],
): { readonly statement: object; readonly text: string } | null {
  const { request, caller } = facts;
  const policy = given.policy ?? { version: '2012-10-17' };
  const resource = given.kind === 'key' ? '*' : writtenValue(request.resource, policy);
  const principal = principalElement(facts, given);
  const pins = pinsFor(facts, given, policy);
  if (resource === null || principal === null || pins === null) return null;
  const { pinned, ...element } = principal;
  const conditions = [...pins, ...(pinned ?? [])];
  // What a pin says exactly need not be said again.
  const others = kept.filter(({ key }) => !conditions.some((pin) => sameKey(pin.key, key)));
  const condition = conditionBlock([...conditions, ...others]);
  const isTrust = given.kind === 'trust';
  const statement = {
    Effect: 'Allow',
    ...element,
    Action: request.action,
    ...(isTrust ? {} : { Resource: resource }),
    ...(condition ? { Condition: condition } : {}),
  };
  const on = isTrust ? '' : ` on "${resource}"`;
  const to = namesPrincipals(given.type) || pinned ? ` to "${caller.roleArn ?? caller.arn}"` : '';
  const when = [...pins, ...others].map(({ operator, key, values }) => {
    return `${operator} ${key} ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  });
  const under = when.length === 0 ? '' : `, when ${when.join(' and ')}`;
  return { statement, text: `allows ${request.action}${on}${to}${under}` };
}

/** Text as a value of a policy that means nothing but this text; null if its version cannot say so. */
export function writtenValue(text: string, { version }: Pick<Policy, 'version'>): string | null {
  if (text === '*' || !/[*?$]/.test(text)) return text;
  return version === '2012-10-17' ? literalPattern(text) : null;
}

/** Under which key a `Principal` names this caller alone; null for the anonymous and for root users. */
export function principalName(caller: Caller): readonly [kind: string, name: string] | null {
  switch (caller.kind) {
    case 'anonymous':
      return null;
    // The ARN of a root user stands for its whole account.
    case 'root':
      return null;
    case 'named':
      return [caller.arn.endsWith('.amazonaws.com') ? 'Service' : 'Federated', caller.arn];
    case 'user':
    case 'role':
    case 'federated-user':
      return ['AWS', caller.roleArn ?? caller.arn];
  }
}

type PrincipalElements = { readonly Principal?: unknown; readonly pinned?: readonly Condition[] };

function principalElement({ caller }: Facts, given: Attached): PrincipalElements | null {
  const arn = caller.roleArn ?? caller.arn;
  const pinned = [{ operator: 'ArnEquals', key: 'aws:PrincipalArn', values: [arn] }];
  // It speaks for every account below it: only a condition says for whom of them.
  // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
  if (given.kind === 'service-control') return { pinned };
  if (!namesPrincipals(given.type)) return {};
  if (caller.kind === 'anonymous') return null;
  // Gateway endpoints read a named principal as the root user of its account.
  // https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
  if (given.kind === 'endpoint') {
    return caller.kind === 'named' ? null : { Principal: '*', pinned };
  }
  if (caller.kind === 'root') return { Principal: { AWS: caller.rootArn }, pinned };
  const name = principalName(caller);
  return name && { Principal: { [name[0]]: name[1] } };
}

/** What the request says of itself and a statement for it must demand; null if it says too little. */
function pinsFor(
  { request, caller, context }: Facts,
  given: Attached,
  policy: Pick<Policy, 'version'>,
): Condition[] | null {
  const pins: Condition[] = [];
  const pin = (key: string): boolean => {
    const found = context.get(key.toLowerCase());
    const value = typeof found === 'string' ? writtenValue(found, policy) : null;
    if (value === null) return false;
    pins.push({ operator: 'StringEquals', key, values: [value] });
    return true;
  };
  if (given.kind === 'trust' && isTrustAction(request.action)) {
    const isForeign = caller.account !== null && caller.account !== request.resourceAccount;
    const hasId = context.has('sts:externalid');
    if (hasId && !pin('sts:ExternalId')) return null;
    // An outside account without an external ID is a confused deputy in waiting.
    if (isForeign && !hasId && !/:(tagsession|setsourceidentity)$/i.test(request.action)) {
      return null;
    }
    if (/withwebidentity$/i.test(request.action)) {
      const claims = [...context.keys()].filter((key) => /:(aud|sub)$/.test(key));
      if (!claims.some((key) => key.endsWith(':sub')) || !claims.every(pin)) return null;
    }
  }
  if (context.has('s3:prefix') && !pin('s3:prefix')) return null;
  return pins;
}

function conditionBlock(conditions: readonly Condition[]): object | null {
  const block: Record<string, Record<string, unknown>> = {};
  for (const { operator, key, values } of conditions) {
    const value = values.length === 1 ? values[0] : values;
    block[operator] = { ...block[operator], [key]: value };
  }
  return conditions.length === 0 ? null : block;
}

function sameKey(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
