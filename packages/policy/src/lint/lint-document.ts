import { type ActionInfo, actionsLike } from '../actions/action-info.ts';
import { matchesPattern } from '../evaluate/matches-pattern.ts';
import type { StatementJson } from '../generate/statement-json.ts';
import { statementsOf } from '../generate/statement-json.ts';
import type { Condition, Policy, PolicyKind, Statement } from '../model.ts';
import type { JsonEntry, JsonNode, JsonPlace } from '../parse/read-json.ts';
import type { LintContext } from './finding.ts';

/** A policy with the places of everything in it. */
export interface LintDocument {
  readonly kind: PolicyKind;
  readonly context: LintContext;
  readonly policy: Policy;
  readonly root: JsonNode;
  readonly statements: readonly LintStatement[];
}

export interface LintStatement {
  readonly statement: Statement;
  /** Such as `statement "Write"`. */
  readonly label: string;
  /** For patches. */
  readonly raw: StatementJson;
  readonly at: JsonPlace;
  readonly actions: readonly Placed[];
  readonly resources: readonly Placed[];
  /** Where `Principal` or `NotPrincipal` stands. */
  readonly principal: JsonPlace | null;
  readonly conditions: readonly PlacedCondition[];
}

/** A string of the document. */
export interface Placed {
  readonly at: JsonPlace;
  readonly value: string;
}

export interface PlacedCondition {
  readonly condition: Condition;
  /** Without letter case. */
  readonly key: string;
  /** Without `ForAnyValue:`, `ForAllValues:` and `IfExists`. */
  readonly operator: string;
  readonly at: JsonPlace;
}

export function lintDocument(
  policy: Policy,
  root: JsonNode,
  json: unknown,
  kind: PolicyKind,
  context: LintContext,
): LintDocument {
  const node = entryOf(root, 'Statement')?.value;
  const nodes = node?.kind === 'array' ? node.items : node ? [node] : [];
  const raws = statementsOf(json);
  const statements = policy.statements.flatMap((statement, index) => {
    const at = nodes[index];
    const raw = raws[index];
    return at && raw ? [readStatement(statement, index, at, raw)] : [];
  });
  return { kind, context, policy, root, statements };
}

function readStatement(
  statement: Statement,
  index: number,
  at: JsonNode,
  raw: StatementJson,
): LintStatement {
  const principal = entryOf(at, 'Principal') ?? entryOf(at, 'NotPrincipal');
  return {
    statement,
    label: statement.sid === null ? `statement ${index + 1}` : `statement "${statement.sid}"`,
    raw,
    at,
    actions: stringsOf(entryOf(at, 'Action') ?? entryOf(at, 'NotAction')),
    resources: stringsOf(entryOf(at, 'Resource') ?? entryOf(at, 'NotResource')),
    principal: principal ?? null,
    conditions: statement.conditions.map((condition) => ({
      condition,
      key: condition.key.toLowerCase(),
      operator: condition.operator.replace(/^.*:/, '').replace(/IfExists$/, ''),
      at: placeOf(at, condition) ?? at,
    })),
  };
}

export function entryOf(node: JsonNode, key: string): JsonEntry | undefined {
  return node.kind === 'object' ? node.entries.find((entry) => entry.key === key) : undefined;
}

function placeOf(statement: JsonNode, { operator, key }: Condition): JsonPlace | undefined {
  const block = entryOf(statement, 'Condition')?.value;
  const keys = block && entryOf(block, operator)?.value;
  return keys && entryOf(keys, key);
}

function stringsOf(entry: JsonEntry | undefined): Placed[] {
  if (!entry) return [];
  const nodes = entry.value.kind === 'array' ? entry.value.items : [entry.value];
  return nodes.flatMap((at) => (at.kind === 'string' ? [{ at, value: at.value }] : []));
}

/** The statements that allow, and do so by naming actions. */
export function allowsOf({ statements }: LintDocument): LintStatement[] {
  return statements.filter(({ statement }) => statement.effect === 'Allow');
}

/** Whether the statement covers an action. */
export function covers({ statement }: LintStatement, action: string): boolean {
  const { not, patterns } = statement.action;
  const asked = action.toLowerCase();
  return patterns.some((pattern) => matchesPattern(pattern.toLowerCase(), asked)) !== not;
}

/** Every known action that the statement names; of `NotAction`, none: it names what it leaves out. */
export function namedActions({ statement }: LintStatement): readonly ActionInfo[] {
  return statement.action.not
    ? []
    : statement.action.patterns.flatMap((pattern) => actionsLike(pattern) ?? []);
}

/** Bucket and key of an ARN of S3, or a pattern for some; null for everything else. */
export function s3Name(pattern: string): { bucket: string; key: string | null } | null {
  const name = /^arn:[^:]*:s3:::(.+)$/s.exec(pattern)?.[1];
  if (name === undefined) return null;
  const slash = name.indexOf('/');
  return slash < 0
    ? { bucket: name, key: null }
    : { bucket: name.slice(0, slash), key: name.slice(slash + 1) };
}

export function quoted(values: readonly string[]): string {
  const some = values.slice(0, 3).map((value) => `"${value}"`);
  return values.length > 3 ? `${some.join(', ')} and ${values.length - 3} more` : some.join(', ');
}
