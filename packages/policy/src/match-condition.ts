import { type Comparison, readOperator } from './condition-operators.ts';
import type { Condition, Policy } from './model.ts';
import { type ContextKeys, resolveVariables } from './policy-variables.ts';

/** Whether one condition holds for a request. All conditions of a statement must. */
export function matchCondition(
  condition: Condition,
  version: Policy['version'],
  context: ContextKeys,
): boolean {
  const operator = readOperator(condition.operator);
  if (!operator) throw new Error(`Unknown condition operator "${condition.operator}"`);
  const found = valuesOf(context, condition.key);
  const { compare, negated, quantifier } = operator;
  if (compare === null) return matchNull(condition, found);
  if (found.length === 0) {
    return operator.ifExists || quantifier === 'all' || (quantifier === null && negated);
  }
  const resolve = (pattern: string) => resolveVariables(pattern, version, context);
  const holds = (value: string) => holdsFor(value, condition, negated, compare, resolve);
  const every = quantifier === 'all' || (quantifier === null && negated);
  return every ? found.every(holds) : found.some(holds);
}

/** The values of a condition key in a request; none if the key is absent. */
export function valuesOf(context: ContextKeys, key: string): readonly string[] {
  const value = context.get(key.toLowerCase());
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

function holdsFor(
  value: string,
  condition: Condition,
  negated: boolean,
  compare: Comparison,
  resolve: Parameters<Comparison>[2],
): boolean {
  return negated
    ? condition.values.every((wanted) => compare(value, wanted, resolve) === false)
    : condition.values.some((wanted) => compare(value, wanted, resolve) === true);
}

function matchNull(condition: Condition, found: readonly string[]): boolean {
  const absent = found.length === 0 ? 'true' : 'false';
  return condition.values.some((value) => value.toLowerCase() === absent);
}
