import type { Policy } from '../model.ts';
import { parsePolicy } from '../parse/parse-policy.ts';
import { PolicySyntaxError } from '../parse/policy-syntax-error.ts';
import { positionOf, readJson } from '../parse/read-json.ts';
import { actionRules } from './action-rules.ts';
import { conditionRules } from './condition-rules.ts';
import type { Finding, LintOptions, Severity } from './finding.ts';
import { lintDocument } from './lint-document.ts';
import type { Hit, LintRule } from './lint-rule.ts';
import { principalRules } from './principal-rules.ts';
import { refusalRules } from './refusal-rules.ts';
import { resourceRules } from './resource-rules.ts';
import { trustRules } from './trust-rules.ts';

/** Every rule, in the order in which a reader learns them. */
export const lintRules: readonly LintRule[] = [
  ...resourceRules,
  ...actionRules,
  ...principalRules,
  ...trustRules,
  ...conditionRules,
  ...refusalRules,
];

/**
 * Looks for what is allowed by AWS and still goes wrong: statements that never apply,
 * that open more than they seem to, or that refuse what Causeway will send.
 *
 * A document that AWS would refuse gives one finding, `not_a_policy`. Never throws for
 * what is in a document. Findings come in the order of the text, and have a line and
 * column if text was given.
 */
export function lint(document: string | object, options: LintOptions): Finding[] {
  const { name, type, context = {} } = options;
  let policy: Policy;
  try {
    policy = parsePolicy(document, { name, type });
  } catch (error) {
    if (error instanceof PolicySyntaxError) return [notAPolicy(error)];
    throw error;
  }
  const isText = typeof document === 'string';
  const text = isText ? document : JSON.stringify(document);
  const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  const linted = lintDocument(policy, readJson(text), json, type, context);
  return lintRules
    .filter(({ kinds }) => kinds === undefined || kinds.includes(type))
    .flatMap((rule) => rule.check(linted).map((hit) => ({ rule, hit })))
    .toSorted((one, other) => one.hit.at.at - other.hit.at.at || rank(one.rule) - rank(other.rule))
    .map(({ rule, hit }) => findingOf(rule, hit, isText ? text : null));
}

function findingOf(rule: LintRule, hit: Hit, text: string | null): Finding {
  return {
    code: rule.code,
    severity: rule.severity,
    path: hit.at.path,
    ...(text === null ? {} : positionOf(text, hit.at.at)),
    statement: hit.statement?.label ?? null,
    message: hit.message,
    reason: rule.reason,
    fix: hit.fix,
    ...(hit.patch ? { patch: hit.patch } : {}),
  };
}

const severities: readonly Severity[] = ['error', 'warning', 'advice'];

function rank({ severity }: LintRule): number {
  return severities.indexOf(severity);
}

function notAPolicy(error: PolicySyntaxError): Finding {
  const { path, line, column, hint } = error;
  return {
    code: 'not_a_policy',
    severity: 'error',
    path,
    ...(line !== undefined && column !== undefined ? { line, column } : {}),
    statement: null,
    message: error.found,
    reason: 'AWS refuses the document',
    fix: hint,
  };
}
