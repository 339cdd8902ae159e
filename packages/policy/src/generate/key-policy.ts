import type { PolicyDocument, StatementDocument } from '../model.ts';
import { checkLabel, readKeyArn } from './check-input.ts';
import { type ManagedBucketInput, managedReach } from './managed-bucket.ts';
import { PolicyInputError } from './policy-input-error.ts';
import { forPrincipals, principalsElement } from './principals.ts';
import { customerReach, keyUses, type PlaceInput, type Reach } from './statements.ts';

/** Who uses the key, and how much of a key policy is wanted. */
export interface KeyUsers {
  /** Accounts, or roles and users. */
  readonly principals: readonly string[];
  /** Letters and digits at the end of the Sid, as in `customerBucketPolicy`. */
  readonly label?: string;
  /**
   * True for the whole policy of a new key. Otherwise it is the statement to merge into
   * the policy that the key has: `mergeKeyPolicy`.
   */
  readonly complete?: boolean;
}

/**
 * The key policy for a customer's bucket that is encrypted with a key of its own. A key
 * policy must allow in any case; where it trusts the key's whole account, as the
 * default does, the role's policy is enough and this is not needed.
 *
 * @throws PolicyInputError
 */
export function customerKeyPolicy(input: PlaceInput & KeyUsers): PolicyDocument {
  return keyPolicy(customerReach(input), input);
}

/**
 * The key policy for a managed bucket: lets the customer's principals, or the role of
 * the bucket, use the operator's key for their objects. Another account can never use
 * the key `aws/s3`, so a managed bucket has one of its own or none.
 *
 * @throws PolicyInputError
 */
export function managedKeyPolicy(input: ManagedBucketInput & KeyUsers): PolicyDocument {
  return keyPolicy(managedReach(input), input);
}

function keyPolicy(reach: Reach, users: KeyUsers & { partition?: string }): PolicyDocument {
  const { principals, complete, partition = 'aws' } = users;
  if (reach.kmsKeyArn === undefined) {
    throw new PolicyInputError('kmsKeyArn', 'is missing', 'Give the ARN of the key');
  }
  const { accountId } = readKeyArn('kmsKeyArn', reach.kmsKeyArn);
  // In a key policy "*" is the key itself.
  const uses = keyUses(reach, reach.kmsKeyArn, '*');
  const who = principalsElement('principals', principals, partition);
  const label = checkLabel(users.label ?? '');
  const ours = uses.map((use) => forPrincipals(`Causeway${use.Sid}${label}`, use, who));
  const administration: StatementDocument = {
    Sid: 'AccountAdministers',
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  return { Version: '2012-10-17', Statement: complete ? [administration, ...ours] : ours };
}
