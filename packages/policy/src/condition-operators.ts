import { matchesArn } from './arn.ts';
import { isInRange } from './ip-range.ts';
import type { Resolved } from './policy-variables.ts';

/**
 * Compares one value of the request with one value of the policy; undefined when
 * they are not of the operator's type, which satisfies neither the operator nor
 * its negation.
 */
export type Comparison = (
  found: string,
  wanted: string,
  resolve: (pattern: string) => Resolved | null,
) => boolean | undefined;

export interface ConditionOperator {
  /** `ForAllValues:` and `ForAnyValue:`, for keys with several values. */
  readonly quantifier: 'all' | 'any' | null;
  readonly ifExists: boolean;
  /** A negated operator holds if no value of the policy compares equal. */
  readonly negated: boolean;
  /** Null for the operator `Null`, which only asks whether the key is there. */
  readonly compare: Comparison | null;
}

/** Reads an operator name such as `ForAnyValue:StringLikeIfExists`; null if IAM has no such operator. */
export function readOperator(name: string): ConditionOperator | null {
  const parts = /^(ForAllValues:|ForAnyValue:)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  const base = bases.get(parts?.[2] ?? '');
  if (!parts || !base) return null;
  const ifExists = parts[3] !== undefined;
  if (ifExists && base.compare === null) return null;
  const quantifier = parts[1] === undefined ? null : parts[1] === 'ForAllValues:' ? 'all' : 'any';
  return { ...base, quantifier, ifExists };
}

/** The operators without prefix and suffix, for error messages. */
export function operatorNames(): string[] {
  return [...bases.keys()];
}

const equal: Comparison = (found, wanted, resolve) => resolve(wanted)?.text === found;
const equalIgnoringCase: Comparison = (found, wanted, resolve) =>
  resolve(wanted)?.text.toLowerCase() === found.toLowerCase();
const like: Comparison = (found, wanted, resolve) => resolve(wanted)?.matches(found) ?? false;
const arnLike: Comparison = (found, wanted, resolve) => matchesArn(wanted, found, resolve);

type BaseOperator = Pick<ConditionOperator, 'negated' | 'compare'>;

const bases: ReadonlyMap<string, BaseOperator> = new Map<string, BaseOperator>([
  ['StringEquals', { negated: false, compare: equal }],
  ['StringNotEquals', { negated: true, compare: equal }],
  ['StringEqualsIgnoreCase', { negated: false, compare: equalIgnoringCase }],
  ['StringNotEqualsIgnoreCase', { negated: true, compare: equalIgnoringCase }],
  ['StringLike', { negated: false, compare: like }],
  ['StringNotLike', { negated: true, compare: like }],
  ['ArnEquals', { negated: false, compare: arnLike }],
  ['ArnLike', { negated: false, compare: arnLike }],
  ['ArnNotEquals', { negated: true, compare: arnLike }],
  ['ArnNotLike', { negated: true, compare: arnLike }],
  ...orderings('Numeric', readNumber),
  ...orderings('Date', readDate),
  ['Bool', { negated: false, compare: equalBooleans }],
  ['BinaryEquals', { negated: false, compare: (found, wanted) => found === wanted }],
  ['IpAddress', { negated: false, compare: isInRange }],
  ['NotIpAddress', { negated: true, compare: isInRange }],
  ['Null', { negated: false, compare: null }],
]);

function orderings(
  type: string,
  read: (text: string) => number | undefined,
): [string, BaseOperator][] {
  const ordered =
    (holds: (found: number, wanted: number) => boolean): Comparison =>
    (foundText, wantedText) => {
      const found = read(foundText);
      const wanted = read(wantedText);
      return found === undefined || wanted === undefined ? undefined : holds(found, wanted);
    };
  const same = ordered((found, wanted) => found === wanted);
  return [
    [`${type}Equals`, { negated: false, compare: same }],
    [`${type}NotEquals`, { negated: true, compare: same }],
    [`${type}LessThan`, { negated: false, compare: ordered((f, w) => f < w) }],
    [`${type}LessThanEquals`, { negated: false, compare: ordered((f, w) => f <= w) }],
    [`${type}GreaterThan`, { negated: false, compare: ordered((f, w) => f > w) }],
    [`${type}GreaterThanEquals`, { negated: false, compare: ordered((f, w) => f >= w) }],
  ];
}

function readNumber(text: string): number | undefined {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** ISO 8601 with a year of four digits, or seconds since 1970. */
function readDate(text: string): number | undefined {
  if (/^\d{5,}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const iso = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/.exec(text);
  if (!iso) return undefined;
  // Without a zone JavaScript would read local time; AWS means UTC.
  const zoned = iso[3] !== undefined && iso[6] === undefined ? `${text}Z` : text;
  const milliseconds = Date.parse(zoned);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function equalBooleans(found: string, wanted: string): boolean | undefined {
  const read = (text: string) => /^(true|false)$/i.test(text);
  return read(found) && read(wanted) ? found.toLowerCase() === wanted.toLowerCase() : undefined;
}
