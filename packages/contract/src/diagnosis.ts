import { z } from 'zod';
import { CheckFix, FixTarget, PatchOperation } from './checks.ts';

/** The text of a policy, as it is copied from the AWS console. */
const PolicyText = z.string().trim().min(1).max(100_000);

/** What a customer has set up, for an opinion without any call to AWS. */
export const PastedPolicies = z
  .strictObject({
    trustPolicy: PolicyText.describe('Of the role'),
    permissionsPolicies: z.array(PolicyText).max(20).describe('All of the role or user'),
    bucketPolicy: PolicyText,
    keyPolicy: PolicyText.describe('Of the key that encrypts the bucket; its ARN goes to keyArn'),
    permissionsBoundary: PolicyText,
    keyArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/,
        'must be the ARN of a KMS key',
      )
      .describe('Of the key that encrypts the bucket'),
  })
  .partial()
  .meta({ id: 'PastedPolicies' });
export type PastedPolicies = z.output<typeof PastedPolicies>;

/** What an operation takes with them: it needs at least one, and the ARN of a key beside its policy. */
export function needsPolicies({ keyArn, ...documents }: PastedPolicies): readonly string[] {
  const given = Object.values(documents).filter((text) => text !== undefined && text.length > 0);
  return [
    ...(given.length === 0 ? ['must hold at least one policy'] : []),
    ...(documents.keyPolicy !== undefined && keyArn === undefined
      ? ['must hold "keyArn" beside "keyPolicy"']
      : []),
  ];
}

/** Something in a document that AWS refuses, or that does not do what it seems to. */
export const DiagnosisFinding = z
  .object({
    code: z.string().describe('Permanent; such as "not_a_policy"'),
    severity: z.enum(['error', 'warning', 'advice']),
    path: z.string().describe('Such as "Statement[0].Resource"'),
    line: z.int().optional(),
    column: z.int().optional(),
    statement: z.string().nullable(),
    message: z.string(),
    reason: z.string(),
    fix: z.string(),
    patch: z.array(PatchOperation).readonly().optional(),
  })
  .meta({ id: 'DiagnosisFinding' });
export type DiagnosisFinding = z.infer<typeof DiagnosisFinding>;

export const DiagnosedDocument = z
  .object({
    document: FixTarget,
    index: z.int().describe('Which of several permissions policies, from 0'),
    isPolicy: z.boolean().describe('False: AWS would not accept it, and it counts as absent'),
    findings: z.array(DiagnosisFinding).readonly(),
  })
  .meta({ id: 'DiagnosedDocument' });
export type DiagnosedDocument = z.infer<typeof DiagnosedDocument>;

export const DiagnosisFix = CheckFix.extend({
  index: z.int().describe('Which of several permissions policies, from 0'),
}).meta({ id: 'DiagnosisFix' });
export type DiagnosisFix = z.infer<typeof DiagnosisFix>;

/** One thing that must be allowed, or must be refused, and what the policies say to it. */
export const DiagnosisDemand = z
  .object({
    what: z.string().describe('Such as "write under the prefix"'),
    must: z.enum(['allow', 'refuse']),
    holds: z.boolean(),
    decision: z.enum(['allowed', 'implicit_deny', 'explicit_deny']),
    because: z.string(),
    reasons: z.array(z.string()).readonly().describe('A sentence for each type of policy'),
    fixes: z
      .array(DiagnosisFix)
      .readonly()
      .describe('The smallest change; where there are several, all of them are needed'),
    advice: z.string().optional().describe('What to do where no change of a policy is right'),
  })
  .meta({ id: 'DiagnosisDemand' });
export type DiagnosisDemand = z.infer<typeof DiagnosisDemand>;

/** A document with every change in it that the diagnosis asks for. */
export const CorrectedDocument = z
  .object({
    document: FixTarget,
    index: z.int().describe('Which of several permissions policies, from 0'),
    policy: z.unknown().describe('The whole document, ready to paste'),
  })
  .meta({ id: 'CorrectedDocument' });
export type CorrectedDocument = z.infer<typeof CorrectedDocument>;

const DiagnosisVerdict = z
  .enum(['works', 'broken', 'insecure'])
  .describe('`insecure`: something that must be refused is allowed');

export const Correction = z
  .object({
    verdict: DiagnosisVerdict.describe('What is said of the documents when they are so changed'),
    documents: z.array(CorrectedDocument).readonly(),
  })
  .meta({ id: 'Correction' });
export type Correction = z.infer<typeof Correction>;

export const Diagnosis = z
  .object({
    connectionId: z.string(),
    verdict: DiagnosisVerdict,
    documents: z.array(DiagnosedDocument).readonly(),
    demands: z.array(DiagnosisDemand).readonly(),
    correction: Correction.nullable().describe(
      'All fixes together, for those who want to copy and be done; null when there is nothing to change',
    ),
    assumed: z
      .array(z.string())
      .readonly()
      .describe('What was not pasted, and is taken to be as the setup guide says'),
  })
  .meta({ id: 'Diagnosis' });
export type Diagnosis = z.infer<typeof Diagnosis>;
