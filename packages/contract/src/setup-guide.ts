import { z } from 'zod';
import { Access, AccountId, Capability, Owner } from './access.ts';
import { WriteOptions } from './write-options.ts';

const Json = z.record(z.string(), z.unknown());

const Side = z.enum(['customer', 'operator']).describe('Whose administrator does it');

/** Something that people copy: a name, an ARN, an external ID. None of them is secret. */
export const SetupValue = z
  .object({
    name: z.string().describe('Such as "externalId"; what it is called does not change'),
    label: z.string(),
    value: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'SetupValue' });
export type SetupValue = z.infer<typeof SetupValue>;

export const SetupDocument = z
  .object({
    name: z.string().describe('Such as "trustPolicy"; no two documents of a guide have the same'),
    side: Side,
    purpose: z.string().describe('Where it goes, in a few words'),
    document: Json,
  })
  .meta({ id: 'SetupDocument' });
export type SetupDocument = z.infer<typeof SetupDocument>;

/** AWS calls that a setup is made of. */
export const setupOperations = [
  'CreateBucket',
  'CreateOpenIDConnectProvider',
  'CreateRole',
  'PutRolePolicy',
  'CreateUser',
  'PutUserPolicy',
  'PutBucketPolicy',
  'PutBucketCors',
  'PutBucketLifecycleConfiguration',
  'CreateAccessKey',
] as const;

/** One AWS call of a setup: what to run, with which parameters, in AWS's own names. */
export const SetupStep = z
  .object({
    title: z.string(),
    side: Side,
    needsAdmin: z.boolean().describe('Whether it takes rights on IAM, or on the whole bucket'),
    service: z.enum(['s3', 'iam']),
    operation: z.enum(setupOperations),
    parameters: Json.describe('Policies are text, as AWS takes them'),
    choose: z
      .record(z.string(), z.string())
      .optional()
      .describe('Parameters that the customer chooses, with what to give'),
    skipWhen: z.string().optional().describe('When this step is not needed'),
    optional: z.boolean().describe('Left out by scripts and templates unless asked for'),
    merge: z
      .enum(['bucketPolicy', 'cors', 'lifecycle', 'trustPolicy'])
      .optional()
      .describe('AWS replaces the whole document: what is there must be kept, and ours added'),
  })
  .meta({ id: 'SetupStep' });
export type SetupStep = z.infer<typeof SetupStep>;

/**
 * What must be created for a connection, by whom, as values, documents and AWS calls.
 * Every rendering (CloudFormation, Terraform, script, console, message) comes from it.
 */
export const SetupGuide = z
  .object({
    connectionId: z.string(),
    access: Access,
    owner: Owner,
    capabilities: z.array(Capability),
    overwrites: z.boolean().describe('The right to delete is among what is asked for'),
    writeOptions: WriteOptions.describe('The rights that they take are among what is asked for'),
    location: z.string().nullable().describe('Null until the customer has named its bucket'),
    accountId: AccountId.nullable().describe('The account that owns the bucket'),
    partition: z.string().meta({ examples: ['aws'] }),
    region: z.string().nullable().describe("The bucket's; null until a check has found it"),
    missing: z
      .array(z.enum(['location', 'accountId']))
      .describe('What must be known first; there are no documents and steps until then'),
    values: z.array(SetupValue).describe('What people copy'),
    documents: z.array(SetupDocument),
    steps: z.array(SetupStep).describe('The same setup as AWS calls, in order'),
  })
  .meta({ id: 'SetupGuide' });
export type SetupGuide = z.infer<typeof SetupGuide>;

/** The step that adds to the trust policy of a role which the customer has already, if there is one. */
export function existingRoleStep(guide: SetupGuide): SetupStep | undefined {
  return guide.steps.find(({ merge }) => merge === 'trustPolicy');
}

/** The value of that name, or undefined where this access has none. */
export function findGuideValue(guide: SetupGuide, name: string): string | undefined {
  return guide.values.find((each) => each.name === name)?.value;
}

/** @throws Error where this access has no such value: a mistake of the caller's. */
export function guideValue(guide: SetupGuide, name: string): string {
  const value = findGuideValue(guide, name);
  if (value === undefined) throw new Error(`The guide of ${guide.connectionId} has no ${name}`);
  return value;
}

/** The document of that name, or undefined where this access has none. */
export function findGuideDocument(
  guide: SetupGuide,
  name: string,
): SetupDocument['document'] | undefined {
  return guide.documents.find((each) => each.name === name)?.document;
}

/** @throws Error where this access has no such document: a mistake of the caller's. */
export function guideDocument(guide: SetupGuide, name: string): SetupDocument['document'] {
  const document = findGuideDocument(guide, name);
  if (document === undefined) throw new Error(`The guide of ${guide.connectionId} has no ${name}`);
  return document;
}

/** What a setup can be written for. `message` is the text to send to an administrator. */
export const SetupTool = z.enum([
  'cloudformation',
  'terraform',
  'cli',
  'console',
  'json',
  'message',
]);
export type SetupTool = z.infer<typeof SetupTool>;

/** A setup guide, written for one tool. */
export const SetupRendering = z
  .object({
    tool: SetupTool,
    fileName: z.string(),
    mediaType: z.string(),
    content: z.string(),
    sha256: z.string().describe('Of the content, in UTF-8; to compare with a copy'),
    notes: z.array(z.string()).describe('What this tool leaves to do, or does differently'),
    launchUrl: z
      .url()
      .nullable()
      .describe('CloudFormation: opens the AWS console with everything filled in'),
  })
  .meta({ id: 'SetupRendering' });
export type SetupRendering = z.infer<typeof SetupRendering>;
