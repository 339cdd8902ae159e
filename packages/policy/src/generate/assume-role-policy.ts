import type { PolicyDocument } from '../model.ts';
import { checkAccount, readPrincipalArn } from './check-input.ts';
import { checkPartition } from './pattern-text.ts';
import { PolicyInputError } from './policy-input-error.ts';

export interface AssumeRolePolicyInput {
  /** The operator's own account: its roles ask for no external ID and are denied. */
  readonly operatorAccountId: string;
  /** Names of the customers' roles, `*` and `?` as in IAM; `causeway-*` if not given. */
  readonly rolePattern?: string;
  /** `aws` if not given. */
  readonly partition?: string;
}

/**
 * The identity policy of the operator's assuming principal: customers' roles in any
 * account but its own, so that nobody can have Causeway assume a role of the operator.
 *
 * @throws PolicyInputError
 */
export function assumeRolePolicy(input: AssumeRolePolicyInput): PolicyDocument {
  const { operatorAccountId, rolePattern = 'causeway-*', partition = 'aws' } = input;
  checkAccount('operatorAccountId', operatorAccountId);
  checkPartition(partition);
  if (!/^[\w+=,.@/*?-]+$/.test(rolePattern)) {
    throw new PolicyInputError(
      'rolePattern',
      `is "${rolePattern}", which is not a pattern of names`,
      'Give what the names of the roles have in common, such as "causeway-*"',
    );
  }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AssumeCustomerRoles',
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: `arn:${partition}:iam::*:role/${rolePattern}`,
      },
      {
        Sid: 'NeverOwnRoles',
        Effect: 'Deny',
        Action: 'sts:AssumeRole',
        Resource: `arn:${partition}:iam::${operatorAccountId}:role/*`,
      },
    ],
  };
}

/**
 * What the customer attaches to its own user, group or role, so that it may assume
 * the role of a managed bucket: the role trusts the customer's account, and the
 * customer decides who in it may use that.
 *
 * @throws PolicyInputError
 */
export function assumeManagedRolePolicy({ roleArn }: { readonly roleArn: string }): PolicyDocument {
  const { kind } = readPrincipalArn('roleArn', roleArn);
  if (kind !== 'role') {
    throw new PolicyInputError('roleArn', `is "${roleArn}", which is a user`, 'Give a role');
  }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AssumeCausewayManagedRole',
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: roleArn,
      },
    ],
  };
}
