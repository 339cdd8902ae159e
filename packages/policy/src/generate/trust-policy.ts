import type { PolicyDocument } from '../model.ts';
import { checkExternalId, checkSamePartition, readPrincipalArn } from './check-input.ts';
import { PolicyInputError } from './policy-input-error.ts';
import { oneOrMore } from './principals.ts';

export interface TrustPolicyInput {
  /**
   * The one role or user of the operator that may assume the customer's role; two
   * while the operator moves from one to the other.
   */
  readonly principalArn: string | readonly string[];
  readonly externalId: string;
}

/**
 * The trust policy for a customer's role.
 *
 * It names the operator's account and narrows it to its principals by a condition,
 * because AWS stores a role in `Principal` by its unique ID: were the operator's
 * role ever made anew, every customer's trust would silently be gone. Session tags
 * and source identities are not allowed, since nothing here passes any.
 *
 * @throws PolicyInputError
 */
export function trustPolicy({ principalArn, externalId }: TrustPolicyInput): PolicyDocument {
  const given = typeof principalArn === 'string' ? [principalArn] : [...new Set(principalArn)];
  const principals = given.map((arn) => readPrincipalArn('principalArn', arn));
  const [first] = principals;
  if (!first || principals.length > 2) {
    throw new PolicyInputError(
      'principalArn',
      `names ${principals.length} principals`,
      "Give the operator's principal, or the present and the coming one",
    );
  }
  for (const { partition } of principals) {
    checkSamePartition('principalArn', partition, first.partition);
  }
  const roots = new Set(
    principals.map(({ partition, accountId }) => `arn:${partition}:iam::${accountId}:root`),
  );
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CausewayAssume',
        Effect: 'Allow',
        Principal: { AWS: oneOrMore([...roots]) },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'sts:ExternalId': checkExternalId(externalId) },
          ArnEquals: { 'aws:PrincipalArn': oneOrMore(given) },
        },
      },
    ],
  };
}
