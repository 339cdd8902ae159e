import { z } from 'zod';

const value = z
  .union([z.string().max(10_000), z.number(), z.boolean()])
  .describe("Of the column's type; a number beyond 2^53, a decimal or a time as text");
export type FilterValue = z.infer<typeof value>;

const column = z.string().min(1).describe('Need not be among the columns that are sent');

/**
 * What must hold of one column of a row. A value that is NULL fulfils `is_null` and
 * nothing else: neither `equals` nor `not_equals`.
 */
export const FilterCondition = z
  .discriminatedUnion('operator', [
    z.strictObject({
      column,
      operator: z.enum([
        'equals',
        'not_equals',
        'less',
        'less_or_equal',
        'greater',
        'greater_or_equal',
      ]),
      value,
    }),
    z.strictObject({ column, operator: z.literal('in'), value: z.array(value).min(1).max(1000) }),
    z.strictObject({
      column,
      operator: z.enum(['contains', 'starts_with']).describe('Letter by letter; no patterns'),
      value: z.string().min(1).max(10_000),
    }),
    z.strictObject({ column, operator: z.enum(['is_null', 'is_not_null']) }),
  ])
  .meta({ id: 'FilterCondition' });
export type FilterCondition = z.infer<typeof FilterCondition>;
export type FilterOperator = FilterCondition['operator'];

/** Which rows: those that meet all of the conditions, or any. */
export const RowFilter = z
  .strictObject({
    match: z.enum(['all', 'any']).default('all'),
    conditions: z.array(FilterCondition).min(1).max(100),
  })
  .meta({ id: 'RowFilter' });
export type RowFilter = z.infer<typeof RowFilter>;
