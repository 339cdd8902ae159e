import { z } from 'zod';

/**
 * Every step that a check may have, in the order in which a report shows them. A
 * connection has those of its access, its capabilities and its owner; they are taken side
 * by side wherever one does not need the other.
 */
export const checkStepIds = [
  'parse',
  // Who we are, and how we get in: by a role,
  'operator.identity',
  'role.assume',
  'role.external_id_missing',
  'role.external_id_wrong',
  'role.other_principal',
  // by a role that trusts an issuer of tokens,
  'issuer.keys',
  'web_identity.assume',
  'web_identity.subject_wrong',
  'web_identity.audience_wrong',
  'role.account',
  // by the key of a user,
  'key.valid',
  'key.kind',
  'key.age',
  // or the operator into a bucket of its own.
  'managed.settings',
  'managed.policy',
  'managed.policy_foreign',
  'managed.role',
  'managed.role_foreign',
  // What may be done there.
  'bucket.region',
  'bucket.owner',
  'prefix.list',
  'object.write',
  'object.read',
  'object.delete',
  'store.capabilities',
  'scope',
  'cors',
] as const;
export const CheckStepId = z.enum(checkStepIds);
export type CheckStepId = z.infer<typeof CheckStepId>;

export const Verdict = z.enum(['passed', 'failed', 'warned', 'skipped']);
export type Verdict = z.infer<typeof Verdict>;

/** Who has to act on a failed step. */
export const Side = z.enum(['customer', 'operator', 'aws']);
export type Side = z.infer<typeof Side>;

/** One operation of a JSON patch (RFC 6902). */
export const PatchOperation = z
  .discriminatedUnion('op', [
    z.object({ op: z.enum(['add', 'replace']), path: z.string(), value: z.unknown() }),
    z.object({ op: z.literal('remove'), path: z.string() }),
  ])
  .meta({ id: 'PatchOperation' });

/** What has to be changed: one of the documents of the setup, or something else. */
export const FixTarget = z.enum([
  'trustPolicy',
  'permissionsPolicy',
  'permissionsBoundary',
  'bucketPolicy',
  'keyPolicy',
  'organizationPolicy',
  'endpointPolicy',
  'cors',
  'bucket',
  'key',
  'issuer',
  'accessKey',
  'connection',
]);
export type FixTarget = z.infer<typeof FixTarget>;

export const CheckFix = z
  .object({
    document: FixTarget,
    text: z.string().describe('One imperative sentence for the person who must act'),
    policy: z
      .unknown()
      .optional()
      .describe(
        'The whole document as it should be, ready to paste; of a key, and of a role that was there before, the part to add',
      ),
    patch: z
      .array(PatchOperation)
      .readonly()
      .optional()
      .describe('The smallest change, as a JSON patch (RFC 6902)'),
    patchOf: z
      .enum(['document', 'statement'])
      .optional()
      .describe(
        'What the patch is for: the document unless it says `statement`, the one in the text',
      ),
  })
  .meta({ id: 'CheckFix' });
export type CheckFix = z.infer<typeof CheckFix>;

/** One of the things that an answer of AWS may come from, where it does not say which. */
export const CheckCause = z
  .object({
    code: z.string().describe('Permanent'),
    text: z.string(),
  })
  .meta({ id: 'CheckCause' });
export type CheckCause = z.infer<typeof CheckCause>;

export const CheckStep = z
  .object({
    id: CheckStepId,
    title: z.string(),
    verdict: Verdict,
    message: z.string().describe('What was found, in one sentence'),
    cause: z.string().optional().describe('A permanent code of the cause of a failure or warning'),
    causes: z
      .array(CheckCause)
      .readonly()
      .optional()
      .describe('What it may come from, most likely first, where AWS does not say'),
    side: Side.optional(),
    notes: z
      .array(z.string())
      .readonly()
      .optional()
      .describe('What is worth knowing and needs no action'),
    docs: z.string().optional().describe('Where the cause is explained'),
    fix: CheckFix.optional(),
    evidence: z
      .object({
        operation: z.string().describe('The AWS call, such as "sts:AssumeRole"'),
        status: z.int().optional(),
        code: z.string().optional().describe("AWS's error code"),
        message: z.string().optional().describe("AWS's message, redacted"),
        requestId: z.string().optional(),
      })
      .optional(),
    durationMs: z.number(),
  })
  .meta({ id: 'CheckStep' });
export type CheckStep = z.infer<typeof CheckStep>;

/**
 * What a check says of a connection.
 *
 * - `healthy`: every step passed; advice may remain as warnings.
 * - `insecure`: a step that must be refused was let in, such as a role that can be assumed
 *   without the right external ID. Never activated.
 * - `failing`: a step failed.
 */
export const CheckOutcome = z.enum(['healthy', 'insecure', 'failing']);
export type CheckOutcome = z.infer<typeof CheckOutcome>;

/** What a store does of itself; what it lacks is made up for as well as can be. */
export const StoreGuarantees = z
  .object({
    conditionalComplete: z.boolean().describe('An upload never takes the place of an object'),
    checksums: z.boolean().describe('Parts that were changed on their way are refused'),
    expectedBucketOwner: z.boolean().describe("A bucket of somebody else's is refused"),
    namesGoneUploads: z.boolean().describe('It says when an upload is gone'),
  })
  .meta({ id: 'StoreGuarantees' });
export type StoreGuarantees = z.infer<typeof StoreGuarantees>;

export const CheckReport = z
  .object({
    connectionId: z.string(),
    outcome: CheckOutcome,
    checkedAt: z.iso.datetime(),
    durationMs: z.number(),
    region: z.string().optional().describe("The bucket's region, found and not asked"),
    storeCapabilities: StoreGuarantees.optional().describe(
      'What an S3-compatible store was seen to do of what AWS does',
    ),
    steps: z.array(CheckStep),
  })
  .meta({ id: 'CheckReport' });
export type CheckReport = z.infer<typeof CheckReport>;
