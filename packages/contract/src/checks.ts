import { z } from 'zod';

/**
 * The steps of a check, in the order in which they are taken. Each needs those
 * before it, but for the last, which is advice.
 */
export const checkStepIds = [
  'parse',
  'operator.identity',
  'role.assume',
  'role.external_id_missing',
  'role.external_id_wrong',
  'role.account',
  'bucket.region',
  'bucket.owner',
  'prefix.list',
  'object.write',
  'scope',
] as const;
export const CheckStepId = z.enum(checkStepIds);
export type CheckStepId = z.infer<typeof CheckStepId>;

export const Verdict = z.enum(['passed', 'failed', 'warned', 'skipped']);
export type Verdict = z.infer<typeof Verdict>;

/** Who has to act on a failed step. */
export const Side = z.enum(['customer', 'operator', 'aws']);
export type Side = z.infer<typeof Side>;

export const CheckFix = z
  .object({
    document: z.enum(['trustPolicy', 'permissionsPolicy', 'bucket', 'connection']),
    text: z.string().describe('One imperative sentence for the person who must act'),
    policy: z.unknown().optional().describe('The whole document as it should be, ready to paste'),
  })
  .meta({ id: 'CheckFix' });

export const CheckStep = z
  .object({
    id: CheckStepId,
    title: z.string(),
    verdict: Verdict,
    message: z.string().describe('What was found, in one sentence'),
    cause: z.string().optional().describe('A permanent code of the cause of a failure or warning'),
    side: Side.optional(),
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
 * - `insecure`: the role can be assumed without the right external ID. Never activated.
 * - `failing`: a step failed.
 */
export const CheckOutcome = z.enum(['healthy', 'insecure', 'failing']);
export type CheckOutcome = z.infer<typeof CheckOutcome>;

export const CheckReport = z
  .object({
    connectionId: z.string(),
    outcome: CheckOutcome,
    checkedAt: z.iso.datetime(),
    durationMs: z.number(),
    region: z.string().optional().describe("The bucket's region, found and not asked"),
    steps: z.array(CheckStep),
  })
  .meta({ id: 'CheckReport' });
export type CheckReport = z.infer<typeof CheckReport>;
