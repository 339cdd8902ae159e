import { z } from 'zod';
import { LineOfText } from './line-of-text.ts';

const name = LineOfText.max(200);

/** The value that names this customer in a dataset's customer column. */
const reference = z.string().min(1).max(200);

const propertyName = z.string().min(1).max(100);
const propertyValue = z.string().max(2000);

/**
 * The properties that fill in what a new connection of the customer leaves out. Others
 * may be called anything and mean nothing to Causeway; an empty one counts as none.
 */
export const connectProperties = [
  'role_arn',
  'account_id',
  'bucket_name',
  'prefix',
  'region',
] as const;
export type ConnectProperty = (typeof connectProperties)[number];

export const Customer = z
  .object({
    id: z.string(),
    name,
    reference: reference.describe(
      "The value that names this customer in a dataset's customer column",
    ),
    properties: z
      .record(z.string(), z.string())
      .describe(`${connectProperties.join(', ')} fill in what a new connection leaves out`),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Customer' });
export type Customer = z.infer<typeof Customer>;

export const CustomerCreate = z
  .strictObject({
    name,
    reference,
    properties: z.record(propertyName, propertyValue).default({}),
  })
  .meta({ id: 'CustomerCreate' });
export type CustomerCreate = z.output<typeof CustomerCreate>;

/** What is left out stays as it is, each property by itself. */
export const CustomerUpdate = z
  .strictObject({
    name,
    reference,
    properties: z
      .record(propertyName, propertyValue.nullable())
      .describe('Added to those there are, or put in their place; null takes one away'),
  })
  .partial()
  .meta({ id: 'CustomerUpdate' });
export type CustomerUpdate = z.output<typeof CustomerUpdate>;
