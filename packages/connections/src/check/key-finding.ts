import { writeOptionsOf } from '@causeway/contract';
import { customerKeyPolicy, permissionsPolicy, type StatementDocument } from '@causeway/policy';
import { partitionOfArn } from '../partition-of-arn.ts';
import { placedRights } from '../placed-rights.ts';
import type { AccessDenial } from './access-denied.ts';
import type { CheckContext, Finding } from './check-context.ts';
import { labelOf } from './expected-documents.ts';
import { addStatements, startHigh } from './finding-parts.ts';

/**
 * A refusal by KMS, which S3 passes on in its own name. KMS names the key to callers of
 * its account only; without it the statement cannot be written, but still be described.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function keyFinding(
  context: CheckContext,
  denial: AccessDenial,
  what: string,
): Omit<Finding, 'verdict'> {
  const { principal } = context;
  const { action, resource } = denial;
  const asked = writeOptionsOf(context.connection).kmsKeyArn ?? undefined;
  const kmsKeyArn = resource?.includes(':kms:') ? resource : asked;
  const named = kmsKeyArn ?? 'of the bucket';
  const isKeyPolicy = denial.policyType === 'resource-based';
  const message = `${startHigh(principal.noun)} may not ${what}: ${action} on the key ${named} is refused`;
  if (!isKeyPolicy) {
    return {
      side: 'customer',
      cause: 'kms_role_denied',
      message: `${message} by the policies of ${principal.noun}`,
      fix: {
        document: 'permissionsPolicy',
        text: `Allow ${actionsFor(context)} on the key ${named} in the policy of ${principal.noun}`,
        ...(kmsKeyArn !== undefined && permissionsFix(context, kmsKeyArn)),
      },
    };
  }
  return {
    side: 'customer',
    cause: 'kms_key_denied',
    message: `${message} by the policy of the key`,
    fix: {
      document: 'keyPolicy',
      text: `Allow ${principal.arn} ${actionsFor(context)} in the policy of the key ${named}`,
      ...(kmsKeyArn !== undefined && keyFix(context, kmsKeyArn)),
    },
  };
}

function actionsFor({ connection: { capabilities } }: CheckContext): string {
  const writes = capabilities.some((capability) => capability !== 'ingest');
  return writes ? 'kms:GenerateDataKey and kms:Decrypt' : 'kms:Decrypt';
}

function permissionsFix(context: CheckContext, kmsKeyArn: string) {
  const policy = permissionsPolicy(placeOf(context, kmsKeyArn));
  return { policy, patch: addStatements(policy.Statement.filter(isKeyUse)) };
}

/** A statement to add: the key's policy also says who administers the key. */
function keyFix(context: CheckContext, kmsKeyArn: string) {
  const principals = [context.principal.arn];
  const label = labelOf(context.connection);
  const policy = customerKeyPolicy({ ...placeOf(context, kmsKeyArn), principals, label });
  return { policy, patch: addStatements(policy.Statement) };
}

function isKeyUse({ Sid }: StatementDocument): boolean {
  return Sid === 'UseKey';
}

function placeOf({ connection, principal }: CheckContext, kmsKeyArn: string) {
  return { ...placedRights(connection), partition: partitionOfArn(principal.arn), kmsKeyArn };
}
