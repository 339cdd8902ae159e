import { actionsLike } from '../actions/action-info.ts';
import { namesPrincipals } from '../evaluate/consult.ts';
import type { Facts } from '../evaluate/facts.ts';
import { matchCondition, valuesOf } from '../evaluate/match-condition.ts';
import { matchStatement } from '../evaluate/match-statement.ts';
import { matchesPattern } from '../evaluate/matches-pattern.ts';
import {
  addValue,
  removeValues,
  replaceStatement,
  type StatementJson,
  statementsOf,
} from '../generate/statement-json.ts';
import type { Condition, PrincipalElement, Statement } from '../model.ts';
import type { Attached, Attachments } from './attached-documents.ts';
import {
  type Candidate,
  costs,
  documentLabel,
  editOf,
  statementLabel,
} from './change-candidate.ts';
import { type JsonPatch, jsonPointer } from './json-patch.ts';
import { contextWith, namedValues } from './mend-allow.ts';
import { principalName, writtenValue } from './new-statement.ts';
import { asksFor, isProtection } from './request-keys.ts';

/**
 * Ways to have the first Deny of these documents that applies apply no more: by asking
 * otherwise where it protects something, by an exception where not.
 */
export function narrowDeny(
  facts: Facts,
  documents: readonly Attached[],
  attachments: Attachments,
): Candidate[] {
  for (const given of documents) {
    const { policy } = given;
    const index = policy?.statements.findIndex(
      (statement) =>
        statement.effect === 'Deny' &&
        matchStatement(statement, policy.version, facts, namesPrincipals(given.type)).applies,
    );
    const statement = policy?.statements[index ?? -1];
    const json = statementsOf(given.json)[index ?? -1];
    if (!policy || index === undefined || !statement || !json) continue;
    const deny: Deny = { given, index, statement, json, version: policy.version };
    const asked = askOtherwise(facts, deny, attachments);
    const isGuard = statement.conditions.some(({ key }) => isProtection(key));
    // An exception for the anonymous is one for everybody.
    if (isGuard || facts.caller.kind === 'anonymous') return asked;
    return [
      ...asked,
      ...listedExceptions(facts, deny),
      ...takenOut(facts, deny),
      ...callerExcepted(facts, deny),
      ...rewritten(deny, [], costs.removeStatement, 'remove'),
      ...split(facts, deny),
    ];
  }
  return [];
}

interface Deny extends Pick<NonNullable<Attached['policy']>, 'version'> {
  readonly given: Attached;
  readonly index: number;
  readonly statement: Statement;
  readonly json: StatementJson;
}

function askOtherwise(facts: Facts, { statement, version }: Deny, from: Attachments): Candidate[] {
  const named = namedValues(from.documents);
  return statement.conditions.flatMap((condition) =>
    asksFor(condition, false, named(condition.key), facts.context)
      .filter((ask) => !matchCondition(condition, version, contextWith(facts, [ask])))
      .slice(0, 4)
      .map((ask, place) => ({ cost: costs.ask + place / 10, asks: [ask] })),
  );
}

function candidate(deny: Deny, cost: number, patch: JsonPatch | null, what: string): Candidate[] {
  if (!patch) return [];
  const label = statementLabel(deny.statement, deny.index);
  const text = `In ${documentLabel(deny.given)}, ${what} of ${label}`;
  return [{ cost, edit: editOf(deny.given, label, patch, text) }];
}

/** Adds to what the statement itself names as its exceptions. */
function listedExceptions(facts: Facts, deny: Deny): Candidate[] {
  const { statement, json } = deny;
  const { request, caller } = facts;
  const found: Candidate[] = [];
  const add = (element: readonly string[], text: string) => {
    const value = writtenValue(text, deny);
    if (value === null) return;
    const patch = addValue(json, element, value);
    found.push(
      ...candidate(deny, costs.addValue, patch, `add "${value}" to the ${placeOf(element)}`),
    );
  };
  if (statement.action.not) add(['NotAction'], request.action);
  if (statement.resource?.not) add(['NotResource'], request.resource);
  const name = principalName(caller);
  // AWS may deny an account that is not listed as a whole, and listing it spares its root user.
  if (statement.principal?.not && name && listsAccount(statement.principal, caller)) {
    // A session is spared only if its role and the session itself are listed.
    const listed = [namesIn(json, name[0]) ?? [], name[1], caller.arn].flat();
    const path = jsonPointer([...json.steps, 'NotPrincipal', name[0]]);
    const patch = [{ op: 'add', path, value: [...new Set(listed)] }] as const;
    found.push(...candidate(deny, costs.addValue, patch, `add "${name[1]}" to the NotPrincipal`));
  }
  for (const { operator, key } of statement.conditions.filter(excepts)) {
    const [value] = valuesOf(facts.context, key);
    if (value !== undefined) add(['Condition', operator, key], value);
  }
  return found;
}

function listsAccount({ aws }: PrincipalElement, { account, rootArn }: Facts['caller']): boolean {
  return aws.some((listed) => listed === account || listed === rootArn);
}

function namesIn({ json }: StatementJson, kind: string): unknown {
  const element = json['NotPrincipal'];
  return typeof element === 'object' && element !== null
    ? (element as Record<string, unknown>)[kind]
    : undefined;
}

function placeOf(element: readonly string[]): string {
  return element.length === 1 ? `${element[0]}` : `values of ${element.at(-1)}`;
}

/** Whether one more value in the list is one more exception. */
function excepts({ operator }: Condition): boolean {
  return /^(ForAnyValue:)?(String|Arn|Numeric|Date)Not|^(ForAnyValue:)?NotIpAddress/.test(operator);
}

/** Takes exactly what was asked out of what the statement lists. */
function takenOut(facts: Facts, deny: Deny): Candidate[] {
  const { request } = facts;
  const name = principalName(facts.caller);
  const action = request.action.toLowerCase();
  const resource = writtenValue(request.resource, deny);
  const take = (element: readonly string[], value: string, isMeant: (one: string) => boolean) =>
    candidate(
      deny,
      costs.removeValue,
      removeValues(deny.json, element, isMeant),
      `take "${value}" out of the ${element[0]}`,
    );
  return [
    ...take(['Action'], request.action, (one) => one.toLowerCase() === action),
    ...take(['Resource'], request.resource, (one) => one === resource),
    ...(name ? take(['Principal', name[0]], name[1], (one) => one === name[1]) : []),
  ];
}

/**
 * Spares the caller by a condition, the way AWS advises instead of `NotPrincipal`. In a
 * policy that is attached to the caller this would spare everybody whom it is about.
 */
function callerExcepted(facts: Facts, deny: Deny): Candidate[] {
  const arn = facts.context.get('aws:principalarn');
  if (typeof arn !== 'string' || isOwn(deny) || sparesCaller(deny)) return [];
  const patch = addValue(deny.json, ['Condition', 'ArnNotEquals', 'aws:PrincipalArn'], arn);
  return candidate(
    deny,
    costs.addStatement,
    patch,
    `except "${arn}" by the condition ArnNotEquals aws:PrincipalArn`,
  );
}

/** Whether the document is one of those that are attached to the caller. */
function isOwn({ given }: Deny): boolean {
  return ['identity-based', 'session', 'permissions boundary'].includes(given.type);
}

function sparesCaller({ statement }: Deny): boolean {
  return statement.conditions.some(
    ({ operator, key }) => operator === 'ArnNotEquals' && key.toLowerCase() === 'aws:principalarn',
  );
}

function rewritten(
  deny: Deny,
  statements: readonly object[],
  cost: number,
  verb: 'remove' | 'replace',
): Candidate[] {
  const patch = replaceStatement(deny.given.json, deny.index, statements);
  const label = statementLabel(deny.statement, deny.index);
  const place = `${label} of ${documentLabel(deny.given)}`;
  const [count, denies] =
    statements.length === 1 ? ['one', 'denies'] : [`${statements.length}`, 'deny'];
  const text =
    verb === 'remove'
      ? `Remove ${place}`
      : `Replace ${place} by ${count} that ${denies} the same but for this request`;
  return patch ? [{ cost, edit: editOf(deny.given, label, patch, text) }] : [];
}

/**
 * What the statement denies but for one action on one resource by one caller: other
 * actions, that action on other resources, and it by other callers.
 */
function split(facts: Facts, deny: Deny): Candidate[] {
  const { statement, given } = deny;
  const { Sid, Action: _a, NotAction: _na, Resource, NotResource, ...rest } = deny.json.json;
  const resource = Resource === undefined ? { NotResource } : { Resource };
  const here = given.kind === 'trust' ? {} : resource;
  const action = facts.request.action;
  const otherActions = actionsBut(statement.action, action);
  const otherResources =
    given.kind === 'trust' ? null : resourcesBut(statement.resource, facts, deny);
  if (otherActions === undefined || otherResources === undefined) return [];
  const named = (at: number) => (typeof Sid === 'string' ? { Sid: `${Sid}${at}` } : {});
  const sidFirst = Sid === undefined ? {} : { Sid };
  const exact = writtenValue(facts.request.resource, deny);
  const except = callerExcept(facts, deny, rest);
  if (exact === null || except === undefined) return [];
  const parts = [
    ...(otherActions ? [{ ...rest, ...otherActions, ...here }] : []),
    ...(otherResources ? [{ ...rest, Action: action, ...otherResources }] : []),
    ...(except
      ? [{ ...except, Action: action, ...(given.kind === 'trust' ? {} : { Resource: exact }) }]
      : []),
  ];
  const statements = parts.map((part, at) => ({
    ...(at === 0 ? sidFirst : named(at + 1)),
    ...part,
  }));
  return statements.length === 0
    ? []
    : rewritten(deny, statements, costs.splitStatement, 'replace');
}

/** The statement's elements for every caller but this one; null where only this caller is meant, undefined if it has no ARN. */
function callerExcept(
  facts: Facts,
  deny: Deny,
  rest: Readonly<Record<string, unknown>>,
): object | null | undefined {
  const arn = facts.context.get('aws:principalarn');
  if (isOwn(deny)) return null;
  if (typeof arn !== 'string') return undefined;
  const condition = (rest['Condition'] ?? {}) as Record<string, Record<string, unknown>>;
  const listed = condition['ArnNotEquals'] ?? {};
  const key = Object.keys(listed).find((name) => name.toLowerCase() === 'aws:principalarn');
  const before = key === undefined ? [] : [listed[key]].flat();
  const spared = { ...listed, [key ?? 'aws:PrincipalArn']: [...before, arn] };
  return { ...rest, Condition: { ...condition, ArnNotEquals: spared } };
}

const mostSpelledOut = 12;

/** Every action of the statement but one; null if none is left, undefined if it cannot be written. */
function actionsBut(
  { not, patterns }: Statement['action'],
  action: string,
): { Action: readonly string[] } | { NotAction: readonly string[] } | null | undefined {
  if (not) return { NotAction: [...patterns, action] };
  const asked = action.toLowerCase();
  const matching = patterns.filter((pattern) => matchesPattern(pattern.toLowerCase(), asked));
  const service = asked.slice(0, asked.indexOf(':'));
  const isAll = (pattern: string) => pattern === '*' || pattern.toLowerCase() === `${service}:*`;
  // Actions of other services do not apply to the resources of this one.
  if (matching.some(isAll)) return { NotAction: [action] };
  const spelled = matching.flatMap(
    (pattern) => actionsLike(pattern)?.map(({ name }) => name) ?? [pattern],
  );
  const isKnown = spelled.some((name) => name.toLowerCase() === asked);
  // A pattern can be spelled out, and a long list is no better than leaving it to its owner.
  if (!isKnown || spelled.length > mostSpelledOut) return undefined;
  const named = spelled.filter((name) => name.toLowerCase() !== asked);
  const others = patterns.filter((pattern) => !matching.includes(pattern));
  const all = [...new Set([...others, ...named])];
  return all.length === 0 ? null : { Action: all };
}

/** Every resource of the statement but the one; null if none is left, undefined if it cannot be written. */
function resourcesBut(
  resource: Statement['resource'],
  facts: Facts,
  deny: Deny,
): { Resource: readonly string[] } | { NotResource: readonly string[] } | null | undefined {
  const exact = writtenValue(facts.request.resource, deny);
  if (exact === null || !resource) return undefined;
  if (resource.not) return { NotResource: [...resource.patterns, exact] };
  const matching = resource.patterns.filter((pattern) => {
    const alone = { ...deny.statement, resource: { not: false, patterns: [pattern] } };
    return matchStatement(alone, deny.version, facts, namesPrincipals(deny.given.type)).applies;
  });
  if (matching.some((pattern) => isEverything(pattern, facts, deny))) {
    return { NotResource: [exact] };
  }
  if (matching.some((pattern) => pattern !== exact)) return undefined;
  const others = resource.patterns.filter((pattern) => !matching.includes(pattern));
  return others.length === 0 ? null : { Resource: others };
}

/** Whether nothing that the policy concerns and the action works on is outside of the pattern. */
function isEverything(pattern: string, { request }: Facts, { given }: Deny): boolean {
  if (pattern === '*') return true;
  const bucket = request.resource.slice(0, request.resource.indexOf('/'));
  return given.list === 'resourcePolicy' && pattern === `${bucket}/*`;
}
