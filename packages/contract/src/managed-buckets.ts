import { z } from 'zod';
import { Access, AccountId, Capability } from './access.ts';
import { KmsKeyArn } from './write-options.ts';

/** How a managed bucket is made. Fixed, so that what the customer's tools rely on stays. */
export const ManagedSettings = z
  .strictObject({
    ownership: z
      .enum(['enforced', 'bucket_owner_full_control'])
      .default('enforced')
      .describe(
        '"enforced": ACLs are disabled, and every object is the operator\'s. "bucket_owner_full_control": every write must carry that ACL, for tools that are set up for it, and be one request',
      ),
    kmsKeyArn: KmsKeyArn.nullable()
      .default(null)
      .describe("The operator's key that objects are encrypted with; null for keys of S3's own"),
    versioning: z.boolean().default(false).describe('Whether S3 keeps what is overwritten'),
  })
  .meta({ id: 'ManagedSettings' });
export type ManagedSettings = z.output<typeof ManagedSettings>;

/** Whether the role of a managed bucket demands an external ID. */
export const ExternalIdChoice = z
  .enum(['none', 'generated'])
  .describe(
    'Whether the role demands an external ID. Warning: with one, nobody can switch to the role in the AWS console, which has no field for it; only the CLI and SDKs work. Choose "generated" if systems that act for several parties assume the role',
  );
export type ExternalIdChoice = z.infer<typeof ExternalIdChoice>;

/** How the customer is to come into its managed bucket from now on. What is left out stays. */
export const AccessChange = z
  .strictObject({
    access: z.enum(['bucket_policy', 'operator_role']).optional(),
    externalId: ExternalIdChoice.optional(),
    receipts: z
      .boolean()
      .optional()
      .describe('Whether the customer may write receipts of what is delivered to it'),
  })
  .meta({ id: 'AccessChange' });
export type AccessChange = z.output<typeof AccessChange>;

export const ProvisionRequest = z
  .strictObject({
    bucketPolicy: z
      .enum(['merge', 'replace'])
      .default('merge')
      .describe(
        '"merge" keeps statements that others have added to the bucket policy; "replace" removes them',
      ),
  })
  .meta({ id: 'ProvisionRequest' });
export type ProvisionRequest = z.output<typeof ProvisionRequest>;

const Json = z.record(z.string(), z.unknown());

/** What would be made. Names that are made up on creation stand in braces. */
export const ManagedBucketPreview = z
  .object({
    bucketName: z.string().meta({ examples: ['acme-{14 random characters}'] }),
    makes: z.array(z.string()).describe('Sentences, in order'),
    warnings: z.array(z.string()).describe('What to know before it is made'),
    bucketPolicy: Json,
    role: z
      .object({ name: z.string(), trustPolicy: Json, permissionsPolicy: Json })
      .nullable()
      .describe('Null when the bucket policy lets the customer in'),
    customerPolicy: Json.describe("For the customer's own users, groups or roles"),
  })
  .meta({ id: 'ManagedBucketPreview' });
export type ManagedBucketPreview = z.infer<typeof ManagedBucketPreview>;

/** Everything that a customer needs to use its managed bucket, ready to copy. */
export const AccessDetails = z
  .object({
    connectionId: z.string(),
    access: Access,
    isAccessMutable: z
      .boolean()
      .describe('False when the last check found that somebody changed the access by hand'),
    bucket: z.object({
      name: z.string(),
      arn: z.string(),
      region: z.string(),
      consoleUrl: z
        .url()
        .describe("The bucket does not appear in the customer's own list: bookmark this"),
    }),
    customerAccountId: AccountId.describe(
      'The 12 digits under the account name at the top right of the AWS console; "aws sts get-caller-identity" prints them too',
    ),
    folders: z
      .array(
        z.object({
          capability: Capability,
          location: z.string(),
          customerMay: z.enum(['read', 'write', 'read_and_write']),
        }),
      )
      .describe('Where in the bucket is what'),
    receipts: z
      .string()
      .nullable()
      .describe(
        'Where the customer may say what became of a delivery, by an object with the ID of the run as its name; null where it may not',
      ),
    role: z
      .object({
        arn: z.string(),
        name: z.string().describe('What follows ":role/" in the ARN'),
        externalId: z.string().nullable(),
      })
      .nullable()
      .describe('Null when the bucket policy lets the customer in'),
    customerPolicy: z
      .object({ name: z.string(), document: Json })
      .describe('Inline policy for the users, groups or roles that are to use the bucket'),
    cli: z.object({
      profileName: z.string(),
      profile: z
        .string()
        .nullable()
        .describe('For ~/.aws/config; null when the profiles that are there will do'),
      commands: z.array(z.object({ title: z.string(), command: z.string() })),
    }),
    console: z.object({
      switchRole: z
        .object({
          account: AccountId,
          roleName: z.string(),
          displayName: z.string(),
          url: z.url(),
        })
        .nullable()
        .describe('Null when there is no role, or when it demands an external ID'),
      note: z.string(),
    }),
    steps: z
      .array(
        z.object({
          title: z.string(),
          text: z.string(),
          needsAdmin: z.boolean().describe('Whether it takes rights on IAM'),
        }),
      )
      .describe('In order'),
  })
  .meta({ id: 'AccessDetails' });
export type AccessDetails = z.infer<typeof AccessDetails>;
