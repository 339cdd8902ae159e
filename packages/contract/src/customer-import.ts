import { z } from 'zod';
import { CustomerCreate } from './customers.ts';
import { ErrorBody } from './error-body.ts';

/** More would keep others waiting who change customers. */
export const importLineLimit = 5_000;

/**
 * A line of a file of customers. An empty cell says nothing: it changes nothing, and takes
 * nothing away. Only a new customer needs a name.
 */
export const CustomerLine = CustomerCreate.extend({
  name: CustomerCreate.shape.name.optional(),
}).meta({ id: 'CustomerLine' });
export type CustomerLine = z.output<typeof CustomerLine>;

const ImportedLine = z
  .object({
    line: z.int().describe('Of the file, where the record begins; the first is 1'),
    reference: z.string().nullable().describe('Null where the line could not be read so far'),
    outcome: z.enum(['created', 'updated', 'unchanged', 'refused']),
    customerId: z.string().nullable().describe('Null where there is none'),
    error: ErrorBody.shape.error.pick({ code: true, message: true, hint: true }).nullable(),
  })
  .meta({ id: 'ImportedLine' });
export type ImportedLine = z.infer<typeof ImportedLine>;

/** What became of each line of a file of customers. */
export const CustomerImport = z
  .object({
    dryRun: z.boolean().describe('Then nothing was kept'),
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    lines: z.array(ImportedLine).describe('In the order of the file'),
  })
  .meta({ id: 'CustomerImport' });
export type CustomerImport = z.infer<typeof CustomerImport>;

/** A query knows texts only; clients give a boolean. */
const flag = z.preprocess(
  (sent: boolean) => ({ true: true, false: false })[String(sent)] ?? sent,
  z.boolean(),
);

/** The file is the body itself; the rest is in the query. */
export const CustomerImportRequest = z.object({
  query: z
    .object({ dryRun: flag.default(false).describe('Only says what would become of each line') })
    .prefault({}),
  body: z
    .file({ error: 'must be a CSV file, sent as text/csv' })
    .mime('text/csv')
    .describe(
      `Columns "reference", "name" and any others, which are properties; at most ${importLineLimit} lines`,
    ),
});
