import { type Access, CausewayError } from '@causeway/contract';
import type { Operator } from './operator.ts';
import { partitionOfArn } from './partition-of-arn.ts';

/** The access methods for which the operator must be somebody in AWS. */
export const accessesOfOperatorAccount: readonly Access[] = [
  'role',
  'bucket_policy',
  'operator_role',
];

/**
 * An operator that has no AWS account, and reaches buckets by tokens or access keys only.
 *
 * Whatever needs the account finds it missing by asking for it, so no path can go on with
 * an empty one: `accountId` and `principalArn` throw CausewayError `operator_account_missing`.
 */
export function operatorWithoutAccount(region: string): Operator {
  return {
    region,
    withoutAccount: true,
    get accountId(): never {
      throw operatorAccountMissing();
    },
    get principalArn(): never {
      throw operatorAccountMissing();
    },
  };
}

export function operatorAccountMissing(): CausewayError<'operator_account_missing'> {
  return new CausewayError('operator_account_missing', {});
}

/** Whether it is the operator's own account. */
export function isOwnAccount(accountId: string | null | undefined, operator: Operator): boolean {
  return !operator.withoutAccount && operator.accountId === accountId;
}

/** The partition that operator and customers are in: roles are not assumed across partitions. */
export function partitionOfOperator(operator: Operator): string {
  if (!operator.withoutAccount) return partitionOfArn(operator.principalArn);
  return partitions.find(([start]) => operator.region.startsWith(start))?.[1] ?? 'aws';
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const partitions = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-iso-', 'aws-iso'],
  ['eusc-', 'aws-eusc'],
] as const;
