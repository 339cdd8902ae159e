import type { RefusedField } from '@causeway/connections';
import { CausewayError } from '@causeway/contract';

/** A field of a request, and what is wrong with it. */
export interface InputIssue {
  /** Such as `source.path`; empty for the request as a whole. */
  readonly path: string;
  readonly message: string;
}

/** What a schema finds wrong, in as far as we use it; the rest is zod's own. */
interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string;
  readonly keys?: readonly string[];
  readonly options?: readonly unknown[];
  readonly values?: readonly unknown[];
  readonly errors?: readonly (readonly SchemaIssue[])[];
}

/** Says of each wrong field which it is and what is expected of it. */
export function describeIssues(issues: readonly SchemaIssue[]): InputIssue[] {
  return issues.flatMap((issue) => describeIssue(issue, []));
}

/**
 * One error for all fields that are refused, whether by their shape or by what they say.
 * A single one keeps its own code and hint.
 */
export function refusalOfFields(
  issues: readonly InputIssue[],
  refused: readonly RefusedField[],
): CausewayError | null {
  const others = refused.filter(({ path }) => !issues.some((issue) => issue.path === path));
  const [only] = others;
  if (only && others.length === 1 && issues.length === 0) return only.error;
  const all = [...issues, ...others.flatMap(issuesOf)];
  return all.length === 0 ? null : new CausewayError('invalid_request', { issues: all });
}

function issuesOf({ path, error }: RefusedField): readonly InputIssue[] {
  if (CausewayError.is(error, 'invalid_request')) return error.details.issues;
  const [, reason = error.message] = /": (.*)$/s.exec(error.message) ?? [];
  return [{ path, message: `cannot be used: ${reason}` }];
}

function describeIssue(issue: SchemaIssue, at: readonly string[]): InputIssue[] {
  const place = [...at, ...(issue.path ?? []).map(keyOf)];
  const path = place.join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return (issue.keys ?? []).map((key) => ({
        path: [...place, key.slice(0, longestKey)].join('.'),
        message: 'is not a field of this request',
      }));
    case 'invalid_union':
      return issue.errors?.length
        ? nearest(issue.errors).flatMap((inner) => describeIssue(inner, place))
        : [{ path, message: issue.options ? oneOf(issue.options) : issue.message }];
    case 'invalid_value':
      return [{ path, message: issue.values ? oneOf(issue.values) : issue.message }];
    case 'invalid_type':
      return [{ path, message: missing.test(issue.message) ? 'is missing' : issue.message }];
    default:
      return [{ path, message: issue.message }];
  }
}

const missing = /received undefined$/;

/** What a caller sends is repeated in part only. */
const longestKey = 100;

/** The form of a request that was most likely meant: the one with the fewest faults. */
function nearest(forms: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] {
  const faults = (form: readonly SchemaIssue[]) =>
    form.reduce((sum, { keys = [] }) => sum + Math.max(1, keys.length), 0);
  return forms.reduce((best, form) => (faults(form) < faults(best) ? form : best));
}

function oneOf(values: readonly unknown[]): string {
  const named = values.filter((value) => value !== undefined && value !== null);
  return `must be ${named.map((value) => JSON.stringify(value)).join(' or ')}`;
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part);
}
