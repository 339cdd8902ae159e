import { z } from 'zod';
import { AccountId, Capability, ConnectionStatus, Owner } from './access.ts';
import { CheckReport } from './checks.ts';
import { ConnectionHealth } from './health.ts';
import { LineOfText } from './line-of-text.ts';
import { whyReserved } from './location.ts';
import { ExternalIdChoice, ManagedSettings } from './managed-buckets.ts';
import { WriteOptions, WriteOptionsUpdate } from './write-options.ts';

const BucketName = z.string().describe('Null until the customer has named it').nullable();

/** What every connection has, whatever its access. */
const shared = {
  id: z.string(),
  customerId: z.string(),
  name: z.string().nullable().describe('Tells several connections of a customer apart'),
  isDefault: z.boolean().describe('The one that flows use when they name none'),
  capabilities: z.array(Capability),
  overwrites: z
    .boolean()
    .describe('The right to delete is asked for: deliveries replace what they sent before'),
  bucket: BucketName,
  prefix: z.string().describe('Ends in "/" unless empty'),
  region: z.string().nullable().describe('Found by the check'),
  accountId: AccountId.nullable().describe(
    'The account that owns the bucket; null until it is known, or where the store has no accounts',
  ),
  accountConfirmed: z
    .boolean()
    .describe('False while the account came from a setup link that did not fix it: no data moves'),
  status: ConnectionStatus,
  lastCheck: CheckReport.nullable(),
  health: ConnectionHealth.describe('As it was when the connection was read'),
  createdAt: z.iso.datetime(),
} as const;

/** What only the customer's own buckets have. */
const own = {
  ...shared,
  owner: z.literal('customer'),
  writeOptions: WriteOptions.describe('What is sent along with every object that is written'),
} as const;

/** A role of the customer's account, which is known by name before it exists. */
const role = {
  roleName: z.string().describe('The name that the role must have; fixed on creation'),
  roleArn: z.string().nullable().describe('Null until the account is known'),
  existingRole: z
    .boolean()
    .describe('The customer had this role before: what others have in its trust policy is kept'),
} as const;

const RoleConnection = z.object({
  ...own,
  access: z.literal('role'),
  ...role,
  externalId: z.string().describe('Made by the server, 130 random bits, never changes'),
});

const WebIdentityConnection = z.object({
  ...own,
  access: z.literal('web_identity'),
  ...role,
  issuer: z.url().describe("Who signs the tokens; registered in the customer's account"),
  audience: z.string(),
  subject: z.string().describe("Made by the server, never changes: plays the external ID's part"),
});

/** An access key as it may be shown: the secret is written and never read. */
export const AccessKey = z
  .object({
    id: z.string(),
    lastFour: z.string().describe('Of the access key ID'),
    addedAt: z.iso.datetime(),
    current: z
      .boolean()
      .describe('Whether this is the one in use; the other stands by for rotation'),
  })
  .meta({ id: 'AccessKey' });
export type AccessKey = z.infer<typeof AccessKey>;

const AccessKeyConnection = z.object({
  ...own,
  access: z.literal('access_key'),
  userName: z.string().describe('The name that guides give the user'),
  endpoint: z.url().nullable().describe('Of an S3-compatible store; null for AWS'),
  accessKeys: z.array(AccessKey).describe('At most two'),
});

/** A bucket that the operator makes for one customer. */
const managed = {
  ...shared,
  owner: z.literal('operator'),
  resourceId: z.string().describe('The part of the bucket name that the customer chose'),
  customerAccountId: AccountId.describe("The customer's account, which is let in"),
  bucketArn: z.string(),
  settings: ManagedSettings,
  receipts: z
    .boolean()
    .describe(
      'Whether the customer may write receipts of deliveries. False of buckets that were made when none could, until it is changed',
    ),
  provisionedAt: z.iso.datetime().nullable().describe('When the bucket was complete; null before'),
  revokedAt: z.iso
    .datetime()
    .nullable()
    .describe("When the customer's way in was taken away; null while it is open"),
} as const;

const BucketPolicyConnection = z.object({ ...managed, access: z.literal('bucket_policy') });

const OperatorRoleConnection = z.object({
  ...managed,
  access: z.literal('operator_role'),
  roleName: z.string(),
  roleArn: z.string(),
  externalId: z.string().nullable().describe('Null: people can switch to the role in the console'),
});

export const Connection = z
  .discriminatedUnion('access', [
    RoleConnection,
    WebIdentityConnection,
    AccessKeyConnection,
    BucketPolicyConnection,
    OperatorRoleConnection,
  ])
  .meta({ id: 'Connection' });
export type Connection = z.infer<typeof Connection>;
export type ConnectionBy<A extends Connection['access']> = Extract<Connection, { access: A }>;

/** A connection to a bucket of the operator's. */
export type ManagedConnection = Extract<Connection, { owner: 'operator' }> & {
  readonly bucket: string;
};

/** A connection whose bucket is known. */
export type PlacedConnection = Connection & { readonly bucket: string };

const location = z
  .string()
  .max(700)
  .meta({ examples: ['s3://acme-data/causeway/'] });

export const Region = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be a region, such as "eu-west-1"');

const createShared = {
  customerId: z.string(),
  useProperties: z
    .boolean()
    .default(true)
    .describe("Whether the customer's properties fill in what is left out"),
  name: LineOfText.max(100).optional(),
  capabilities: z.array(Capability).min(1).default(['deliver']),
  overwrites: z
    .boolean()
    .default(false)
    .describe('Ask for the right to delete, which deliveries need that replace their files'),
} as const;

/** Of the customer's own buckets, where it may say later which one. */
const createOwn = {
  ...createShared,
  location: location.optional(),
  accountId: AccountId.optional(),
  region: Region.optional().describe(
    'Until a check finds it; S3-compatible stores may never tell it',
  ),
  writeOptions: WriteOptions.prefault({}),
} as const;

/** With a role that Causeway names, or with one that the customer has. */
const createRole = {
  ...createOwn,
  roleArn: z
    .string()
    .max(700)
    .optional()
    .describe('Of a role that the customer has already; its account is that of the connection')
    .meta({ examples: ['arn:aws:iam::222222222222:role/data/vendor-access'] }),
} as const;

/**
 * The part of a managed bucket's name that the customer chooses: often the name of
 * its company.
 */
const resourceId = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])$/,
    'must be 2 to 42 lower-case letters, digits and hyphens, with a letter or digit at both ends',
  )
  .refine((value) => !value.includes('--'), 'must not have two hyphens side by side')
  .refine((value) => whyReserved(value) === null, 'must not begin as names do that AWS reserves')
  .meta({ examples: ['acme'] });

const createManaged = {
  ...createShared,
  resourceId,
  accountId: AccountId.optional().describe(
    "The customer's account; needed unless the customer has the property account_id",
  ),
  settings: ManagedSettings.prefault({}),
  receipts: z
    .boolean()
    .optional()
    .describe(
      'Whether the customer may write receipts of what is delivered to it; by default, wherever something is',
    ),
} as const;

const CreateByPolicy = z.strictObject({ ...createManaged, access: z.literal('bucket_policy') });
const CreateByRole = z.strictObject({
  ...createManaged,
  access: z.literal('operator_role'),
  externalId: ExternalIdChoice.default('none'),
});

/** The part of {@link ConnectionCreate} whose bucket is the operator's. */
export const ManagedBucketCreate = z
  .discriminatedUnion('access', [CreateByPolicy, CreateByRole])
  .meta({ id: 'ManagedBucketCreate' });
export type ManagedBucketCreate = z.output<typeof ManagedBucketCreate>;

export const ConnectionCreate = z
  .discriminatedUnion('access', [
    z.strictObject({
      ...createRole,
      access: z.literal('role').default('role'),
    }),
    z.strictObject({
      ...createRole,
      access: z.literal('web_identity'),
      issuer: z.url().optional().describe("Another issuer than Causeway's own"),
      audience: z.string().min(1).max(255).optional(),
    }),
    z.strictObject({
      ...createOwn,
      access: z.literal('access_key'),
      endpoint: z.url().optional().describe('Of an S3-compatible store that the operator allows'),
    }),
    CreateByPolicy,
    CreateByRole,
  ])
  .meta({ id: 'ConnectionCreate' });
export type ConnectionCreate = z.output<typeof ConnectionCreate>;

/**
 * What may be changed. A new place or account, or other rights that writing takes, makes a draft
 * of it, which must be checked again.
 */
export const ConnectionUpdate = z
  .strictObject({
    name: LineOfText.max(100).nullable(),
    isDefault: z.literal(true),
    location,
    accountId: AccountId,
    paused: z.boolean(),
    overwrites: z.boolean(),
    writeOptions: WriteOptionsUpdate,
  })
  .partial()
  .meta({ id: 'ConnectionUpdate' });
export type ConnectionUpdate = z.output<typeof ConnectionUpdate>;

export const ConnectionQuery = z.object({
  customerId: z.string().optional(),
  owner: Owner.optional().describe('Of the bucket: "operator" for managed buckets'),
});
