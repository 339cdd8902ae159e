import { z } from 'zod';
import { CheckReport } from './checks.ts';

export const AccountId = z
  .string()
  .regex(/^[0-9]{12}$/, 'must be the 12 digits of an AWS account ID')
  .meta({ examples: ['222222222222'] });

/** How Causeway is let into the bucket. The other access methods of the design join this list. */
export const Access = z.enum(['role']);
export type Access = z.infer<typeof Access>;

/** What the connection is for; fixes the least permissions. */
export const Capability = z.enum(['deliver']);
export type Capability = z.infer<typeof Capability>;

/**
 * Where a connection stands.
 *
 * - `draft`: made; entered on creation, left by the first check.
 * - `active`: the last check was healthy; the only status that flows may use.
 * - `failing`: the last check failed.
 * - `insecure`: the role can be assumed without the right external ID; flows are refused.
 */
export const ConnectionStatus = z.enum(['draft', 'active', 'failing', 'insecure']);
export type ConnectionStatus = z.infer<typeof ConnectionStatus>;

export const Connection = z
  .object({
    id: z.string(),
    customerId: z.string(),
    access: Access,
    capabilities: z.array(Capability),
    bucket: z.string(),
    prefix: z.string().describe('Ends in "/" unless empty'),
    region: z.string().nullable().describe('Found by the check'),
    accountId: AccountId.describe('The account that holds the role and the bucket'),
    externalId: z.string().describe('Made by the server, 130 random bits, never changes'),
    roleName: z.string().describe('The name that the role must have; fixed on creation'),
    roleArn: z.string(),
    status: ConnectionStatus,
    lastCheck: CheckReport.nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Connection' });
export type Connection = z.infer<typeof Connection>;

export const ConnectionCreate = z
  .strictObject({
    customerId: z.string(),
    access: Access.default('role'),
    capabilities: z.array(Capability).min(1).default(['deliver']),
    location: z
      .string()
      .max(700)
      .meta({ examples: ['s3://acme-data/causeway/'] }),
    accountId: AccountId,
  })
  .meta({ id: 'ConnectionCreate' });
export type ConnectionCreate = z.output<typeof ConnectionCreate>;

/** One AWS call of a setup: what to run, with which parameters, in AWS's own names. */
export const SetupStep = z
  .object({
    title: z.string(),
    service: z.enum(['s3', 'iam']),
    operation: z.enum(['CreateBucket', 'CreateRole', 'PutRolePolicy']),
    parameters: z.record(z.string(), z.unknown()),
    skipWhen: z.string().optional().describe('When this step is not needed'),
  })
  .meta({ id: 'SetupStep' });
export type SetupStep = z.infer<typeof SetupStep>;

export const SetupGuide = z
  .object({
    connectionId: z.string(),
    accountId: AccountId,
    location: z.string(),
    principalArn: z.string().describe("The operator's principal that will assume the role"),
    externalId: z.string(),
    roleName: z.string(),
    roleArn: z.string(),
    trustPolicy: z.record(z.string(), z.unknown()),
    permissionsPolicy: z.record(z.string(), z.unknown()),
    steps: z.array(SetupStep).describe('The same setup as AWS calls, in order'),
  })
  .meta({ id: 'SetupGuide' });
export type SetupGuide = z.infer<typeof SetupGuide>;
