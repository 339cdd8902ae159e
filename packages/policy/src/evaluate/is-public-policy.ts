import type { Condition, Policy, Statement } from '../model.ts';

/**
 * Whether S3 Block Public Access calls a bucket policy public: some Allow covers
 * everyone and is not limited to fixed values by its conditions.
 *
 * Of conditions on the caller only `aws:PrincipalOrgID` counts as a limit: it is the
 * one that AWS names, as an example, and does not say beyond doubt which others do. A
 * private policy called public costs less than the reverse. Name the caller in
 * `Principal` instead.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function isPublicPolicy(policy: Policy): boolean {
  return policy.statements.some(
    (statement) =>
      statement.effect === 'Allow' &&
      coversEveryone(statement) &&
      !statement.conditions.some((condition) => isFixed(condition)),
  );
}

function coversEveryone({ principal }: Statement): boolean {
  return principal !== undefined && (principal.not || principal.aws.includes('*'));
}

const limitingKeys: ReadonlySet<string> = new Set([
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:userid',
  'aws:principalorgid',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:dataaccesspointaccount',
]);

/** Operators that hold only for a present key with one of the listed values. */
const binding =
  /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/;

function isFixed({ operator, key, values }: Condition): boolean {
  if (!binding.test(operator) || values.length === 0) return false;
  const name = key.toLowerCase();
  if (name === 'aws:sourceip') {
    return operator.endsWith('IpAddress') && values.every((range) => isNarrow(range));
  }
  if (name === 's3:dataaccesspointarn') {
    return values.every((arn) => /^[^:]*:[^:]*:s3:[^:]*:\d{12}:/.test(arn));
  }
  return limitingKeys.has(name) && values.every((value) => !/[*?]|\$\{/.test(value));
}

/** S3 takes a range wider than /8, or /32 of IPv6, for the whole internet. */
function isNarrow(range: string): boolean {
  const length = /\/(\d+)$/.exec(range)?.[1];
  return length === undefined || Number(length) >= (range.includes(':') ? 32 : 8);
}
