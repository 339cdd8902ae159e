import { z } from 'zod';
import { LineOfText } from './line-of-text.ts';

const name = LineOfText.max(200);

/** The value that names this customer in a dataset's customer column. */
const reference = z.string().min(1).max(200);

export const Customer = z
  .object({
    id: z.string(),
    name,
    reference: reference.describe(
      "The value that names this customer in a dataset's customer column",
    ),
    properties: z.record(z.string(), z.string()),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Customer' });
export type Customer = z.infer<typeof Customer>;

export const CustomerCreate = z
  .strictObject({
    name,
    reference,
    properties: z.record(z.string().min(1).max(100), z.string().max(2000)).default({}),
  })
  .meta({ id: 'CustomerCreate' });
export type CustomerCreate = z.output<typeof CustomerCreate>;
