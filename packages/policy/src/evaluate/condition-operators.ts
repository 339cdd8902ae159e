import type { Policy } from '../model.ts';
import { compileArns, readArn } from './arn.ts';
import { compileRange } from './ip-range.ts';
import { type ContextKeys, compileTemplate, compileTemplates } from './policy-variables.ts';

/**
 * Compares one value of the request with those of the policy it was made for: whether any of them
 * equals it; undefined when none does and one is not of the operator's type, which satisfies
 * neither the operator nor its negation.
 */
export type Comparison = (found: string, context: ContextKeys) => boolean | undefined;

/** Makes the values of a policy ready to be compared. */
export type Prepare = (wanted: readonly string[], version: Policy['version']) => Comparison;

export interface ConditionOperator {
  /** `ForAllValues:` and `ForAnyValue:`, for keys with several values. */
  readonly quantifier: 'all' | 'any' | null;
  readonly ifExists: boolean;
  /** A negated operator holds if no value of the policy compares equal. */
  readonly negated: boolean;
  /** Null for the operator `Null`, which only asks whether the key is there. */
  readonly prepare: Prepare | null;
}

/** Reads an operator name such as `ForAnyValue:StringLikeIfExists`; null if IAM has no such operator. */
export function readOperator(name: string): ConditionOperator | null {
  const parts = /^(ForAllValues:|ForAnyValue:)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  const base = bases.get(parts?.[2] ?? '');
  if (!parts || !base) return null;
  const ifExists = parts[3] !== undefined;
  if (ifExists && base.prepare === null) return null;
  const quantifier = parts[1] === undefined ? null : parts[1] === 'ForAllValues:' ? 'all' : 'any';
  return { ...base, quantifier, ifExists };
}

/** The operators without prefix and suffix, for error messages. */
export function operatorNames(): string[] {
  return [...bases.keys()];
}

/** An operator that compares with each of the values by itself. */
function each(prepare: (wanted: string, version: Policy['version']) => Comparison): Prepare {
  return (wanted, version) => {
    const comparisons = wanted.map((value) => prepare(value, version));
    return (found, context) => {
      let answer: boolean | undefined = false;
      for (const compare of comparisons) {
        const equals = compare(found, context);
        if (equals === true) return true;
        if (equals === undefined) answer = undefined;
      }
      return answer;
    };
  };
}

const equal = each((wanted, version) => {
  const template = compileTemplate(wanted, version);
  return (found, context) => template(context)?.text === found;
});
const equalIgnoringCase = each((wanted, version) => {
  const template = compileTemplate(wanted, version);
  return (found, context) => template(context)?.text.toLowerCase() === found.toLowerCase();
});
const like: Prepare = compileTemplates;
const arnLike: Prepare = (wanted, version) => {
  const matches = compileArns(wanted, version, false);
  return (found, context) => matches(readArn(found), context) === true;
};

type BaseOperator = Pick<ConditionOperator, 'negated' | 'prepare'>;

const bases: ReadonlyMap<string, BaseOperator> = new Map<string, BaseOperator>([
  ['StringEquals', { negated: false, prepare: equal }],
  ['StringNotEquals', { negated: true, prepare: equal }],
  ['StringEqualsIgnoreCase', { negated: false, prepare: equalIgnoringCase }],
  ['StringNotEqualsIgnoreCase', { negated: true, prepare: equalIgnoringCase }],
  ['StringLike', { negated: false, prepare: like }],
  ['StringNotLike', { negated: true, prepare: like }],
  ['ArnEquals', { negated: false, prepare: arnLike }],
  ['ArnLike', { negated: false, prepare: arnLike }],
  ['ArnNotEquals', { negated: true, prepare: arnLike }],
  ['ArnNotLike', { negated: true, prepare: arnLike }],
  ...orderings('Numeric', readNumber),
  ...orderings('Date', readDate),
  ['Bool', { negated: false, prepare: each(equalBooleans) }],
  ['BinaryEquals', { negated: false, prepare: each((wanted) => (found) => found === wanted) }],
  ['IpAddress', { negated: false, prepare: each(compileRange) }],
  ['NotIpAddress', { negated: true, prepare: each(compileRange) }],
  ['Null', { negated: false, prepare: null }],
]);

function orderings(
  type: string,
  read: (text: string) => number | undefined,
): [string, BaseOperator][] {
  const ordered = (holds: (found: number, wanted: number) => boolean): Prepare =>
    each((wantedText) => {
      const wanted = read(wantedText);
      return (foundText) => {
        const found = read(foundText);
        return found === undefined || wanted === undefined ? undefined : holds(found, wanted);
      };
    });
  const same = ordered((found, wanted) => found === wanted);
  return [
    [`${type}Equals`, { negated: false, prepare: same }],
    [`${type}NotEquals`, { negated: true, prepare: same }],
    [`${type}LessThan`, { negated: false, prepare: ordered((f, w) => f < w) }],
    [`${type}LessThanEquals`, { negated: false, prepare: ordered((f, w) => f <= w) }],
    [`${type}GreaterThan`, { negated: false, prepare: ordered((f, w) => f > w) }],
    [`${type}GreaterThanEquals`, { negated: false, prepare: ordered((f, w) => f >= w) }],
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

function equalBooleans(wantedText: string): Comparison {
  const wanted = readBoolean(wantedText);
  return (foundText) => {
    const found = readBoolean(foundText);
    return found === undefined || wanted === undefined ? undefined : found === wanted;
  };
}

function readBoolean(text: string): boolean | undefined {
  return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
}
