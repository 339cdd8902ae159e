import type { Condition, Policy } from '../model.ts';
import { type Comparison, type ConditionOperator, readOperator } from './condition-operators.ts';
import type { ContextKeys } from './policy-variables.ts';

/** Whether one condition holds for a request. All conditions of a statement must. */
export function matchCondition(
  condition: Condition,
  version: Policy['version'],
  context: ContextKeys,
): boolean {
  return compileCondition(condition, version)(context);
}

/** Makes a condition ready to be asked many times. */
export function compileCondition(
  condition: Condition,
  version: Policy['version'],
): (context: ContextKeys) => boolean {
  const operator = readOperator(condition.operator);
  if (!operator) throw new Error(`Unknown condition operator "${condition.operator}"`);
  const key = condition.key.toLowerCase();
  const { prepare } = operator;
  if (prepare === null) {
    const wanted = condition.values.map((value) => value.toLowerCase());
    return (context) => wanted.includes(String(isAbsent(context.get(key))));
  }
  const compare = prepare(condition.values, version);
  return (context) => holds(operator, compare, context.get(key), context);
}

/** The values of a condition key in a request; none if the key is absent. */
export function valuesOf(context: ContextKeys, key: string): readonly string[] {
  const value = context.get(key.toLowerCase());
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

type Found = ReturnType<ContextKeys['get']>;

function isAbsent(found: Found): found is undefined {
  return found === undefined || (found.length === 0 && typeof found !== 'string');
}

function holds(
  { negated, quantifier, ifExists }: ConditionOperator,
  compare: Comparison,
  found: Found,
  context: ContextKeys,
): boolean {
  if (isAbsent(found)) return ifExists || quantifier === 'all' || (quantifier === null && negated);
  const holdsFor = (value: string) => compare(value, context) === !negated;
  if (typeof found === 'string') return holdsFor(found);
  const every = quantifier === 'all' || (quantifier === null && negated);
  return every ? found.every(holdsFor) : found.some(holdsFor);
}
