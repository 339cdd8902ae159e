import type { PushColumn, PushColumnType, RecordIssue } from '@causeway/contract';
import { z } from 'zod';
import { unstorable } from '../refuse-unstorable-text.ts';

type FieldIssue = Pick<RecordIssue, 'field' | 'reason'>;

/** A record as its dataset keeps it, or what is wrong with it. */
export type CheckedRecord = { readonly line: string } | { readonly issues: readonly FieldIssue[] };

/**
 * Holds records against the columns of their dataset. What passes is written with its
 * columns only, in a form that DuckDB reads as that very value: nothing that was accepted
 * stops a run later.
 */
export function recordChecker(columns: readonly PushColumn[]): (text: string) => CheckedRecord {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const required = columns.filter(({ nullable }) => !nullable);
  return (text) => {
    const record = parse(text);
    if (record === null) return { issues: [{ field: null, reason: 'is not valid JSON' }] };
    if (typeof record !== 'object' || Array.isArray(record)) {
      return { issues: [{ field: null, reason: 'must be an object' }] };
    }
    const issues: FieldIssue[] = [];
    const values = record as Readonly<Record<string, unknown>>;
    for (const field of Object.keys(values)) {
      const column = byName.get(field);
      const reason = column ? issueOf(values[field], column) : 'is no column of the dataset';
      if (reason !== null) issues.push({ field: nameable(field), reason });
    }
    for (const { name } of required) {
      if (!Object.hasOwn(record, name)) issues.push({ field: name, reason: 'is missing' });
    }
    return issues.length > 0 ? { issues } : { line: JSON.stringify(record) };
  };
}

/** Null stands for what is no JSON: a record that is null is refused all the same. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return null;
  }
}

function issueOf(value: unknown, { type, nullable }: PushColumn): string | null {
  if (value === null) return nullable ? null : 'must not be null';
  return issues[type](value);
}

const date = z.regexes.date;
const timestamp = z.regexes.datetime({ offset: true });

const issues: Readonly<Record<PushColumnType, (value: unknown) => string | null>> = {
  VARCHAR: (value) => (typeof value === 'string' ? unstorable(value) : 'must be a text'),
  BOOLEAN: (value) => (typeof value === 'boolean' ? null : 'must be true or false'),
  BIGINT: (value) =>
    Number.isSafeInteger(value) ? null : 'must be a whole number of at most 2^53 - 1',
  DOUBLE: (value) => (Number.isFinite(value) ? null : 'must be a number'),
  DATE: (value) =>
    isText(value) && date.test(value) ? null : 'must be a date such as "2026-01-31"',
  'TIMESTAMP WITH TIME ZONE': issueOfTimestamp,
  JSON: issueOfJson,
};

function issueOfTimestamp(value: unknown): string | null {
  if (!isText(value) || !timestamp.test(value)) {
    return 'must be a time with its offset, such as "2026-01-31T12:00:00Z"';
  }
  return /\.\d{7}/.test(value) ? 'must not be finer than microseconds' : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Of every text inside, keys too. How deep it is was looked at before. */
function issueOfJson(value: unknown): string | null {
  if (typeof value === 'string') return unstorable(value);
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'has a number too large';
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const issue = unstorable(key) ?? issueOfJson(member);
    if (issue !== null) return issue;
  }
  return null;
}

/** A name that is no column's can be of any length, and has no place in a message then. */
function nameable(field: string): string {
  const name = field.toWellFormed();
  return name.length > 100 ? `${name.slice(0, 100)}...` : name;
}
