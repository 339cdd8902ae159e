import { blocks, hintOf, nameOf, shown } from '../evaluate/because.ts';
import { consultAll, isKeyAction, type Layer, type Layers } from '../evaluate/consult.ts';
import { neededLayers } from '../evaluate/evaluate.ts';
import { type Facts, gatherFacts } from '../evaluate/facts.ts';
import type { AccessRequest, PolicySet } from '../model.ts';
import type { Reason } from './explanation.ts';

/** One sentence for each type of policy that took part in a decision. */
export function reasonsFor(request: AccessRequest, policies: PolicySet): Reason[] {
  if (request.action.toLowerCase() === 'sts:getcalleridentity') return [];
  const facts = gatherFacts(request, policies);
  const layers = consultAll(facts, policies);
  const needed = neededLayers(facts, layers);
  const { refusedBy } = layers.s3;
  const reasons = partsOf(facts, layers).map((layer) =>
    reasonOf(facts, layers, layer, needed.includes(layer)),
  );
  if (refusedBy === null) return reasons;
  const sentence = capital(blocks[refusedBy]);
  return [...reasons, { type: 'public access block', says: 'denies', counts: true, sentence }];
}

/** What had a say: what is attached, and what must say something even where it is not. */
function partsOf({ caller }: Facts, layers: Layers): Layer[] {
  const { identity, resource, acl, endpoint, resourceControl, boundary, session } = layers;
  const own = caller.account === null ? [] : [identity];
  const rest = [session, boundary, ...layers.serviceControl, resourceControl, endpoint, acl];
  return [...own, resource, ...rest.filter((layer) => layer.attached)];
}

function reasonOf(facts: Facts, layers: Layers, layer: Layer, isNeeded: boolean): Reason {
  const says = layer.denies.length > 0 ? 'denies' : layer.allows.length > 0 ? 'allows' : 'nothing';
  const why = says === 'denies' ? 'a Deny outweighs every Allow' : whyFor(facts, layers, layer);
  return {
    type: layer.type,
    ...(layer.level === undefined ? {} : { level: layer.level }),
    says,
    counts: isNeeded || says === 'denies',
    sentence: capital(`${statementOf(facts, layer)}: ${why}`),
  };
}

function statementOf(facts: Facts, layer: Layer): string {
  const { allows, denies } = layer;
  const isRoot = facts.caller.kind === 'root' && layer.type === 'identity-based';
  if (denies.length > 0) {
    const named = denies.map((found) => {
      const when = found.statement.conditions.map((condition) => shown(condition)).join(' and ');
      return `${nameOf(found)} denies it${when === '' ? '' : ` when ${when}`}`;
    });
    return [...new Set(named)].join(' and ');
  }
  if (isRoot) return 'nothing can be attached to the root user';
  if (allows.length > 0) {
    const named = [...new Set(allows.map(nameOf))];
    return `${named.join(' and ')} ${named.length === 1 ? 'allows' : 'allow'} it`;
  }
  if (!layer.attached) return absent(layer);
  const level = layer.level === undefined ? '' : ` at level ${layer.level}`;
  return `no statement of ${nouns[layer.type]}${level} allows it${hintOf(facts, layer.nearMiss)}`;
}

const nouns: Readonly<Record<Layer['type'], string>> = {
  'identity-based': "the caller's identity policies",
  'resource-based': "the resource's policy",
  'role trust': "the role's trust policy",
  session: 'the session policy',
  'permissions boundary': 'the permissions boundary',
  'service control': 'the service control policies',
  'resource control': 'the resource control policies',
  'VPC endpoint': 'the VPC endpoint policy',
  'access control list': "the object's access control list",
  'public access block': 'the public access block',
};

function absent({ type }: Layer): string {
  if (type === 'role trust') return 'the role has no trust policy';
  if (type === 'resource-based') return 'the resource has no policy';
  return 'no identity policy is attached to the caller';
}

function whyFor(facts: Facts, layers: Layers, layer: Layer): string {
  switch (layer.type) {
    case 'identity-based':
      return whyIdentity(facts, layers);
    case 'resource-based':
    case 'role trust':
      return whyResource(facts, layers);
    case 'session':
      return limit(facts, layers, 'a session can do no more than its session policy allows');
    case 'permissions boundary':
      return limit(
        facts,
        layers,
        'a permissions boundary gives nothing itself, and is the most that others can give',
      );
    case 'service control':
      return 'each level of the organization must allow what its accounts do';
    case 'resource control':
      return layer.allows.length > 0
        ? 'it gives nothing, and forbids nothing of this'
        : 'it can only forbid, and forbids nothing of this';
    case 'VPC endpoint':
      return 'the request comes through this endpoint, which must let it pass';
    case 'access control list':
      return layers.s3.ownerIsOther
        ? 'the object belongs to another account than the bucket, so its own list decides'
        : 'a grant of the list counts like an Allow of the bucket policy';
    case 'public access block':
      return 'it forbids and gives nothing';
  }
}

/** Whether the caller and what it asks for are of two accounts, and how to say so. */
function crossing({ caller }: Facts, { s3 }: Layers): string | null {
  return caller.account === null || caller.account === s3.owner
    ? null
    : `between accounts ${caller.account} and ${s3.owner} both sides must allow`;
}

function whyIdentity(facts: Facts, layers: Layers): string {
  const both = crossing(facts, layers);
  if (facts.caller.kind === 'root') {
    return both === null
      ? 'it may do everything in its account'
      : 'it needs no policy on its own side';
  }
  if (both !== null) return both;
  const grades = gradesOf(layers);
  if (grades.has('direct') || grades.has('role')) {
    return "within one account the resource's policy is enough where it names the caller";
  }
  if (mustNameCaller(facts, layers)) {
    return `where ${nouns[layers.resource.type]} leaves it to the account, they must allow it too`;
  }
  return layers.identity.allows.length > 0
    ? 'within one account that is enough, unless something forbids or limits it'
    : "within one account, either they or the resource's policy must allow it";
}

function whyResource(facts: Facts, layers: Layers): string {
  const { resource, identity, s3 } = layers;
  if (s3.ownerIsOther)
    return 'the object belongs to another account than the bucket, whose policy can only deny';
  const demand =
    resource.type === 'role trust'
      ? 'a role can be assumed only by those whom its trust policy names'
      : isKeyAction(facts.request)
        ? 'a key can be used only by those whom its key policy lets in'
        : null;
  const both = crossing(facts, layers);
  if (both !== null) return demand === null ? both : `${demand}, and ${both}`;
  if (facts.caller.account === null) {
    return demand ?? 'the caller belongs to no account, so only the resource can let it in';
  }
  const grades = gradesOf(layers);
  if (grades.has('direct')) return 'it names the caller, which is enough within one account';
  if (grades.has('role')) {
    return "it names the caller's role, which needs no identity policy within one account, but stays within boundary and session policy";
  }
  if (grades.has('account')) {
    return "it names the account, which leaves the decision to the caller's identity policies";
  }
  if (demand !== null) return demand;
  return identity.allows.length > 0 || facts.caller.kind === 'root'
    ? 'within one account it need not'
    : "within one account, either it or the caller's identity policies must allow it";
}

function limit(facts: Facts, layers: Layers, rule: string): string {
  const isBypassed = crossing(facts, layers) === null && gradesOf(layers).has('direct');
  return isBypassed
    ? `${rule}, but a resource's policy that names the caller itself is not limited by it`
    : rule;
}

function gradesOf({ resource }: Layers): ReadonlySet<string> {
  return new Set(resource.allows.map(({ grade }) => grade));
}

function mustNameCaller({ request }: Facts, { resource }: Layers): boolean {
  return resource.type === 'role trust' || isKeyAction(request);
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
