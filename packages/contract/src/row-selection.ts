import { z } from 'zod';
import type { Column } from './datasets.ts';
import { RowFilter } from './row-filter.ts';

export const filter = RowFilter.nullable()
  .default(null)
  .describe('Only the rows that meet its conditions are sent; null: all');

export const columns = z
  .array(z.string().min(1))
  .min(1)
  .max(10_000)
  .nullable()
  .default(null)
  .describe(
    'The columns that are sent, in this order; null: all. The customer, cursor, primary key and filter columns may be left out and still do their work',
  );

/** The columns that files have, of all that the source has. */
export function sentColumns(
  schema: readonly Column[],
  names: readonly string[] | null,
): readonly Column[] {
  if (names === null) return schema;
  const byName = new Map(schema.map((column) => [column.name, column]));
  return names.flatMap((name) => byName.get(name) ?? []);
}

/**
 * What tells the rows of files apart: the primary key when all of it is sent, or nothing.
 * A part of it would make different rows look the same.
 */
export function sentKey(primaryKey: readonly string[], names: readonly string[] | null): string[] {
  return names === null || primaryKey.every((name) => names.includes(name)) ? [...primaryKey] : [];
}
