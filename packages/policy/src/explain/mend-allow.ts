import { namesPrincipals } from '../evaluate/consult.ts';
import type { Facts } from '../evaluate/facts.ts';
import { matchCondition, valuesOf } from '../evaluate/match-condition.ts';
import { matchStatement } from '../evaluate/match-statement.ts';
import {
  addStatement,
  addValue,
  removeValues,
  type StatementJson,
  statementsOf,
} from '../generate/statement-json.ts';
import type { Condition, Policy, Statement } from '../model.ts';
import type { Attached, Attachments } from './attached-documents.ts';
import {
  type Candidate,
  costs,
  documentLabel,
  editOf,
  statementLabel,
} from './change-candidate.ts';
import type { JsonPatch } from './json-patch.ts';
import { newStatement, principalName, writtenValue } from './new-statement.ts';
import { type Ask, asksFor, isProtection } from './request-keys.ts';

/**
 * Ways to have one of these documents allow the request: one value more in an Allow that
 * comes close, or a statement of its own. Where an Allow fails only for want of a
 * protection, such as the external ID, the request must change and nothing else.
 */
export function mendAllow(
  facts: Facts,
  documents: readonly Attached[],
  attachments: Attachments,
): Candidate[] {
  const misses = documents
    .flatMap((given) => missesOf(facts, given))
    .toSorted((one, other) => one.failing.length - other.failing.length);
  // What allows already is not what is missing.
  if (misses[0]?.failing.length === 0) return [];
  const guarded = misses.filter(isGuarded);
  if (guarded.length > 0) return guarded.flatMap((miss) => askFor(facts, miss, attachments));
  const near = misses.filter(({ failing }) => failing.length <= 2).slice(0, 8);
  const asked = near
    .filter(({ failing }) => failing.join() === 'condition')
    .flatMap((miss) => askFor(facts, miss, attachments));
  return [
    ...asked,
    ...near.flatMap((miss) => addTo(facts, miss)),
    ...documents.flatMap((given) => addBeside(facts, given, misses[0])),
  ];
}

/** Whether one of these documents allows the request, but for a protection that it lacks. */
export function demandsProtection(facts: Facts, documents: readonly Attached[]): boolean {
  return documents.flatMap((given) => missesOf(facts, given)).some(isGuarded);
}

function isGuarded({ failing, conditions }: Miss): boolean {
  return failing.join() === 'condition' && conditions.some(({ key }) => isProtection(key));
}

type Axis = 'action' | 'resource' | 'principal' | 'condition';

/** An Allow that does not apply, with every element that keeps it from it. */
export interface Miss {
  readonly given: Attached;
  readonly policy: Policy;
  readonly index: number;
  readonly statement: Statement;
  readonly failing: readonly Axis[];
  /** The conditions that do not hold. */
  readonly conditions: readonly Condition[];
}

function missesOf(facts: Facts, given: Attached): Miss[] {
  const { policy } = given;
  return (policy?.statements ?? []).flatMap((statement, index) => {
    if (!policy || statement.effect !== 'Allow') return [];
    const conditions = statement.conditions.filter(
      (condition) => !matchCondition(condition, policy.version, facts.context),
    );
    const failing = (['action', 'resource', 'principal'] as const).filter(
      (axis) =>
        !matchStatement(only(statement, axis), policy.version, facts, namesPrincipals(given.type))
          .applies,
    );
    const all: Axis[] = conditions.length > 0 ? [...failing, 'condition'] : failing;
    return [{ given, policy, index, statement, failing: all, conditions }];
  });
}

/** The statement with every element but one open to everything. */
function only(statement: Statement, axis: Axis): Statement {
  const { principal, resource } = statement;
  const everyone = {
    not: false,
    anyone: true,
    aws: ['*'],
    service: [],
    federated: [],
    canonicalUser: [],
  };
  return {
    sid: statement.sid,
    effect: 'Allow',
    principal: axis === 'principal' && principal ? principal : everyone,
    action: axis === 'action' ? statement.action : { not: false, patterns: ['*'] },
    ...(axis === 'resource' && resource ? { resource } : {}),
    conditions: [],
  };
}

function askFor(facts: Facts, miss: Miss, { documents }: Attachments): Candidate[] {
  const named = namedValues(documents);
  const asks: Ask[] = [];
  for (const condition of miss.conditions) {
    const found = asksFor(condition, true, named(condition.key), facts.context).find((ask) => {
      const context = contextWith(facts, [...asks, ask]);
      return matchCondition(condition, miss.policy.version, context);
    });
    if (!found) return [];
    asks.push(found);
  }
  const context = contextWith(facts, asks);
  const holds = miss.statement.conditions.every((condition) =>
    matchCondition(condition, miss.policy.version, context),
  );
  return holds ? [{ cost: costs.ask * asks.length, asks }] : [];
}

/** The values that any document gives for a condition key. */
export function namedValues(documents: readonly Attached[]): (key: string) => readonly string[] {
  const conditions = documents
    .flatMap(({ policy }) => policy?.statements ?? [])
    .flatMap((statement) => statement.conditions)
    .filter(({ operator }) => operator !== 'Null');
  return (key) =>
    conditions
      .filter((condition) => condition.key.toLowerCase() === key.toLowerCase())
      .flatMap(({ values }) => values);
}

export function contextWith({ context }: Facts, asks: readonly Ask[]): Facts['context'] {
  const changed = new Map(context);
  for (const { key, value } of asks) {
    if (value === null) changed.delete(key);
    else changed.set(key, value);
  }
  return changed;
}

/** Adds what is missing to the statement itself. */
function addTo(facts: Facts, miss: Miss): Candidate[] {
  const raw = statementsOf(miss.given.json)[miss.index];
  if (!raw || trustsOutsiders(facts, miss)) return [];
  const where = `of ${statementLabel(miss.statement, miss.index)}`;
  const fixes = miss.failing.map((axis) => fixFor(axis, facts, miss, raw));
  const made = fixes.flatMap((fix) => fix ?? []);
  if (made.length < fixes.length) return [];
  const text = `In ${documentLabel(miss.given)}, ${made.map((fix) => `${fix.text} ${where}`).join(' and ')}`;
  const patch = made.flatMap((fix) => fix.patch);
  const label = statementLabel(miss.statement, miss.index);
  return [{ cost: costs.addValue * made.length, edit: editOf(miss.given, label, patch, text) }];
}

/** Whether a mended statement would let an account outside assume the role without an external ID. */
function trustsOutsiders({ caller, request }: Facts, { given, statement }: Miss): boolean {
  const isForeign = caller.account !== null && caller.account !== request.resourceAccount;
  const demandsId = statement.conditions.some(({ key }) => /^sts:externalid$/i.test(key));
  return given.kind === 'trust' && isForeign && !demandsId;
}

interface Fix {
  readonly patch: JsonPatch;
  /** Such as `add "s3:PutObject" to the Action`. */
  readonly text: string;
}

function fixFor(axis: Axis, facts: Facts, miss: Miss, raw: StatementJson): Fix | null {
  const { request, caller } = facts;
  if (axis === 'principal') {
    const name = principalName(caller);
    if (!name || miss.statement.principal?.not) return null;
    const [kind, value] = name;
    return { patch: addValue(raw, ['Principal', kind], value), text: adding(value, 'Principal') };
  }
  if (axis === 'condition') return fixCondition(facts, miss, raw);
  const element = axis === 'action' ? 'Action' : 'Resource';
  const wanted = axis === 'action' ? request.action : writtenValue(request.resource, miss.policy);
  if (wanted === null) return null;
  const not = axis === 'action' ? miss.statement.action.not : miss.statement.resource?.not;
  if (!not) return { patch: addValue(raw, [element], wanted), text: adding(wanted, element) };
  const isMeant = (value: string) => value.toLowerCase() === wanted.toLowerCase();
  const patch = removeValues(raw, [`Not${element}`], isMeant);
  return patch && { patch, text: `take "${wanted}" out of the Not${element}` };
}

function adding(value: string, element: string): string {
  return `add "${value}" to the ${element}`;
}

/** Adds the request's value to those that a condition compares with. */
function fixCondition(facts: Facts, miss: Miss, raw: StatementJson): Fix | null {
  const patch: JsonPatch[number][] = [];
  const texts: string[] = [];
  for (const condition of miss.conditions) {
    const { operator, key } = condition;
    if (isProtection(key) || !takesMore.test(operator)) return null;
    for (const found of valuesOf(facts.context, key)) {
      const value = writtenValue(found, miss.policy);
      if (value === null) return null;
      patch.push(...addValue(raw, ['Condition', operator, key], value));
      texts.push(`add "${value}" to the values of ${key}`);
    }
    if (valuesOf(facts.context, key).length === 0) return null;
  }
  return { patch, text: texts.join(' and ') };
}

/** Operators that hold for one value more when one more is listed. */
const takesMore =
  /^(For(Any|All)Values?:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress|NumericEquals|DateEquals|BinaryEquals)(IfExists)?$/;

/** Adds a statement for exactly this request, under the conditions of the one that came closest. */
function addBeside(facts: Facts, given: Attached, nearest: Miss | undefined): Candidate[] {
  const near = nearest && nearest.failing.length <= 2 ? nearest : null;
  const kept = near?.statement.conditions.flatMap((condition): Condition[] => {
    if (!near.conditions.includes(condition)) return [condition];
    // What the author looks at, this statement looks at too.
    const values = valuesOf(facts.context, condition.key).map((value) =>
      writtenValue(value, given.policy ?? near.policy),
    );
    const isSaid = takesMore.test(condition.operator) && values.length > 0;
    return isSaid ? [{ ...condition, values: values.flatMap((value) => value ?? []) }] : [];
  });
  const made = newStatement(facts, given, kept ?? []);
  if (!made) return [];
  const patch = addStatement(given.json, made.statement);
  const text = given.policy
    ? `Add a statement to ${documentLabel(given)} that ${made.text}`
    : `${placeFor(given)} that ${made.text}`;
  const cost = given.policy ? costs.addStatement : costs.addDocument;
  return [{ cost, edit: editOf(given, null, patch, text) }];
}

function placeFor({ kind }: Attached): string {
  if (kind === 'identity') return 'Attach an identity policy to the caller';
  if (kind === 'trust') return 'Give the role a trust policy';
  if (kind === 'key') return 'Give the key a policy';
  return kind === 'resource'
    ? 'Give the bucket a policy'
    : 'Attach a service control policy to the empty level';
}
