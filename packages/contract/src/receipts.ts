import { z } from 'zod';

/** Where receipts lie, below the prefix of the manifest's own key. */
export const receiptFolder = '_causeway/receipts/';

/** More than any receipt needs; a larger object is not read. */
export const largestReceiptBytes = 4096;

/**
 * What a customer may write into a receipt. An empty object says that all is well. Members
 * that are not known here are passed over.
 */
export const ReceiptBody = z.object({
  runId: z.string().optional(),
  status: z.enum(['received', 'rejected']).default('received'),
  at: z.iso.datetime({ offset: true }).optional().describe("By the customer's clock"),
  message: z.string().optional().describe('For people: of it the first 500 characters are kept'),
});
export type ReceiptBody = z.input<typeof ReceiptBody>;

/**
 * What was found of a receipt.
 *
 * - `received`: the customer has got the delivery. Final.
 * - `rejected`: the customer has not been able to use it. Final.
 * - `not_valid`: there is an object, and it is no receipt.
 * - `not_readable`: the connection may not read there, so nothing can be known.
 */
export const Receipt = z
  .object({
    state: z.enum(['received', 'rejected', 'not_valid', 'not_readable']),
    at: z.iso
      .datetime()
      .describe('When it was written, as the store says; for `not_readable`: when that was found'),
    saidAt: z.iso.datetime({ offset: true }).nullable().describe("By the customer's clock"),
    message: z
      .string()
      .nullable()
      .describe("The customer's words, not to be trusted; of `not_valid`: what is wrong with it"),
  })
  .meta({ id: 'Receipt' });
export type Receipt = z.infer<typeof Receipt>;
