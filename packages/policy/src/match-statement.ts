import { matchesArn } from './arn.ts';
import type { Facts } from './facts.ts';
import { matchCondition } from './match-condition.ts';
import { matchPrincipal, type PrincipalGrade } from './match-principal.ts';
import { matchesPattern } from './matches-pattern.ts';
import type { Condition, Policy, Statement } from './model.ts';
import { resolveVariables } from './policy-variables.ts';

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
  if (!matchAction(statement, facts)) return { applies: false, failed: 'action' };
  if (!matchResource(statement, version, facts)) return { applies: false, failed: 'resource' };
  const grade = namesPrincipals ? gradeOf(statement, facts) : 'direct';
  if (grade === null) return { applies: false, failed: 'principal' };
  const condition = statement.conditions.find(
    (candidate) => !matchCondition(candidate, version, facts.context),
  );
  if (condition) return { applies: false, failed: 'condition', condition };
  return { applies: true, grade };
}

function gradeOf(statement: Statement, facts: Facts): PrincipalGrade | null {
  return statement.principal
    ? matchPrincipal(statement.principal, facts.caller, facts.bounded)
    : null;
}

function matchAction(statement: Statement, facts: Facts): boolean {
  const action = facts.request.action.toLowerCase();
  const { not, patterns } = statement.action;
  return patterns.some((pattern) => matchesPattern(pattern.toLowerCase(), action)) !== not;
}

function matchResource(statement: Statement, version: Policy['version'], facts: Facts): boolean {
  if (!statement.resource) return true;
  const { not, patterns } = statement.resource;
  const matched = patterns.some((pattern) =>
    matchesArn(pattern, facts.request.resource, (part, index) => {
      // The service is never a pattern, and variables stand only in the last part.
      if (index === 2 && /[*?]/.test(part)) return null;
      return resolveVariables(part, index === 5 ? version : '2008-10-17', facts.context);
    }),
  );
  return matched !== not;
}
