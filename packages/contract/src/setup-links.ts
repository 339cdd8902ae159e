import { z } from 'zod';
import { AccountId } from './access.ts';
import { Connection, ConnectionCreate } from './connections.ts';

/**
 * A link that lets whoever has it set up one connection, and do nothing else. It can be
 * opened as often as needed until it expires or is revoked: mail scanners open links
 * before people do.
 */
export const SetupLink = z
  .object({
    id: z.string(),
    connectionId: z.string(),
    expectedAccountId: AccountId.nullable().describe(
      'The only account that may be connected; null: any, which the operator confirms afterwards',
    ),
    status: z.enum(['active', 'expired', 'revoked']),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    openedAt: z.iso.datetime().nullable().describe('When it was opened last'),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'SetupLink' });
export type SetupLink = z.infer<typeof SetupLink>;

const terms = {
  expiresInDays: z.int().min(1).max(30).default(7),
  expectedAccountId: AccountId.optional().describe(
    'The only account that the link may connect: without it, you confirm the account before the first delivery',
  ),
} as const;

export const SetupLinkCreate = z
  .union([
    z.strictObject({ ...terms, connectionId: z.string() }),
    z.strictObject({
      ...terms,
      connection: ConnectionCreate.describe('Made together with the link'),
    }),
  ])
  .meta({ id: 'SetupLinkCreate' });
export type SetupLinkCreate = z.output<typeof SetupLinkCreate>;

/** With the address to send. It cannot be found out again: only a hash of it is kept. */
export const NewSetupLink = SetupLink.extend({
  url: z.url().describe('To be sent to the customer; the token is in its fragment'),
}).meta({ id: 'NewSetupLink' });
export type NewSetupLink = z.infer<typeof NewSetupLink>;

export const ConnectSession = z
  .object({
    token: z.string().describe('To be sent as a bearer token, and kept in memory alone'),
    expiresAt: z.iso.datetime().describe('Moves with every use, until the link expires'),
    connectionId: z.string(),
  })
  .meta({ id: 'ConnectSession' });
export type ConnectSession = z.infer<typeof ConnectSession>;

/** What the holder of a setup link sees. */
export const ConnectView = z
  .object({
    customerName: z.string(),
    operatorName: z.string().describe('Who asks, as the customer knows it'),
    expectedAccountId: AccountId.nullable(),
    expiresAt: z.iso.datetime().describe('When the session ends unless it is used'),
    connection: Connection,
  })
  .meta({ id: 'ConnectView' });
export type ConnectView = z.infer<typeof ConnectView>;

/** Where the data is to go, as the holder of a setup link may say it. */
export const PlaceUpdate = z
  .strictObject({
    bucket: z
      .string()
      .trim()
      .min(1)
      .max(1_000)
      .describe('A name, an ARN, an "s3://" address, or the address of its page in the console'),
    prefix: z
      .string()
      .max(600)
      .describe('Instead of the one in "bucket"; without either, "causeway/"'),
    accountId: AccountId,
  })
  .partial()
  .meta({ id: 'PlaceUpdate' });
export type PlaceUpdate = z.output<typeof PlaceUpdate>;
