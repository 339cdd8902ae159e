import type { Condition, Policy, Statement } from '../model.ts';
import { type ArnMatcher, compileArns } from './arn.ts';
import type { Facts } from './facts.ts';
import type { Glob } from './glob.ts';
import { compileGlobs } from './glob-set.ts';
import { compileCondition } from './match-condition.ts';
import { matchPrincipal, type PrincipalGrade } from './match-principal.ts';
import type { ContextKeys } from './policy-variables.ts';

/** Whether a statement applies to a request, or the first element that keeps it from applying. */
export type StatementMatch =
  | { readonly applies: true; readonly grade: PrincipalGrade }
  | { readonly applies: false; readonly failed: 'action' | 'resource' | 'principal' }
  | { readonly applies: false; readonly failed: 'condition'; readonly condition: Condition };

/** `namesPrincipals` is true for policies of resources, in which a statement without a principal never applies. */
export function matchStatement(
  statement: Statement,
  version: Policy['version'],
  facts: Facts,
  namesPrincipals: boolean,
): StatementMatch {
  const ready = compileStatement(statement, version);
  if (!matchAction(ready, facts)) return failedAction;
  if (!matchResource(ready, facts)) return failedResource;
  const grade = namesPrincipals ? gradeOf(statement, facts) : 'direct';
  if (grade === null) return failedPrincipal;
  for (const { condition, holds } of ready.conditions) {
    if (!holds(facts.context)) return { applies: false, failed: 'condition', condition };
  }
  return applies[grade];
}

const failedAction = { applies: false, failed: 'action' } as const;
const failedResource = { applies: false, failed: 'resource' } as const;
const failedPrincipal = { applies: false, failed: 'principal' } as const;
const applies = {
  direct: { applies: true, grade: 'direct' },
  role: { applies: true, grade: 'role' },
  account: { applies: true, grade: 'account' },
} as const;

/** A statement with its patterns and values made ready. */
interface ReadyStatement {
  readonly version: Policy['version'];
  readonly isDeny: boolean;
  readonly isNotAction: boolean;
  readonly matchesAction: Glob;
  readonly isNotResource: boolean;
  readonly matchesResource: ArnMatcher | null;
  readonly conditions: readonly {
    readonly condition: Condition;
    readonly holds: (context: ContextKeys) => boolean;
  }[];
}

/** What follows from a statement alone, kept as long as the statement is: most are asked many times. */
const readyStatements = new WeakMap<Statement, ReadyStatement>();

function compileStatement(statement: Statement, version: Policy['version']): ReadyStatement {
  const known = readyStatements.get(statement);
  if (known?.version === version) return known;
  const { action, resource, conditions } = statement;
  const ready: ReadyStatement = {
    version,
    isDeny: statement.effect === 'Deny',
    isNotAction: action.not,
    matchesAction: compileGlobs(
      action.patterns.map((pattern) => [{ text: pattern.toLowerCase(), literal: false }]),
    ),
    isNotResource: resource?.not ?? false,
    matchesResource: resource ? compileArns(resource.patterns, version, true) : null,
    conditions: conditions.map((condition) => ({
      condition,
      holds: compileCondition(condition, version),
    })),
  };
  readyStatements.set(statement, ready);
  return ready;
}

function gradeOf({ principal }: Statement, facts: Facts): PrincipalGrade | null {
  return principal ? matchPrincipal(principal, facts.caller, facts.bounded) : null;
}

function matchAction({ matchesAction, isNotAction }: ReadyStatement, { action }: Facts): boolean {
  return matchesAction(action) !== isNotAction;
}

/**
 * A variable without a value leaves open what `NotResource` spares. AWS does not say what
 * follows, so the answer is the safe one: an Allow does not apply then, and a Deny does.
 */
function matchResource(ready: ReadyStatement, facts: Facts): boolean {
  const { matchesResource, isNotResource, isDeny } = ready;
  if (matchesResource === null) return true;
  const matched = matchesResource(facts.resourceArn, facts.context);
  if (matched === true) return !isNotResource;
  return isNotResource && (isDeny || matched !== null);
}
