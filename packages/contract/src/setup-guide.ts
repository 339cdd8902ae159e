import { z } from 'zod';
import { Access, AccountId } from './access.ts';

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
    access: Access,
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
