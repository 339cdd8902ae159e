import type { PolicyDocument } from './model.ts';

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
 * @throws Error if the account or the pattern is not well-formed.
 */
export function assumeRolePolicy(input: AssumeRolePolicyInput): PolicyDocument {
  const { operatorAccountId, rolePattern = 'causeway-*', partition = 'aws' } = input;
  if (!/^\d{12}$/.test(operatorAccountId)) {
    throw new Error(
      `Cannot write a policy for account "${operatorAccountId}": it has not 12 digits`,
    );
  }
  if (!/^[\w+=,.@/*?-]+$/.test(rolePattern)) {
    throw new Error(
      `Cannot write a policy for roles "${rolePattern}": it is not a pattern of names`,
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
