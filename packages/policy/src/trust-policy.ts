import { splitArn } from './arn.ts';
import type { PolicyDocument } from './model.ts';

export interface TrustPolicyInput {
  /** The one role or user of the operator that may assume the customer's role. */
  readonly principalArn: string;
  readonly externalId: string;
}

/**
 * The trust policy for a customer's role.
 *
 * It names the operator's account and narrows it to one principal by a condition,
 * because AWS stores a role in `Principal` by its unique ID: were the operator's
 * role ever made anew, every customer's trust would silently be gone.
 *
 * @throws Error if the ARN is not of a role or user, or the external ID is not one AWS accepts.
 */
export function trustPolicy({ principalArn, externalId }: TrustPolicyInput): PolicyDocument {
  const parts = splitArn(principalArn);
  const isPrincipal =
    /^arn:aws(-[a-z]+)*:iam::\d{12}:(role|user)\/([\x21-\x7e]+\/)?[\w+=,.@-]+$/.test(
      principalArn,
    ) && !/[*?$]/.test(principalArn);
  if (!parts || !isPrincipal) {
    throw new Error(`Cannot write a trust policy for "${principalArn}": it is no role or user ARN`);
  }
  if (!/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw new Error('Cannot write a trust policy: the external ID is not one that AWS accepts');
  }
  const [, partition, , , account] = parts;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CausewayAssume',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'sts:ExternalId': externalId },
          ArnEquals: { 'aws:PrincipalArn': principalArn },
        },
      },
    ],
  };
}
