import type { Demand } from '../access/authorize.ts';
import type { Caller } from '../access/caller.ts';
import { AwsError } from '../http/aws-error.ts';

/** KMS answers every refusal of its own with status 400. */
export function kmsError(code: string, message: string): AwsError {
  return new AwsError(400, code, message);
}

export function notFound(message: string): AwsError {
  return kmsError('NotFoundException', message);
}

/**
 * KMS tells other accounts neither why it refuses nor whether the key exists.
 * {@link https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html}
 */
export function deniedAcrossAccounts(caller: Caller, { action }: Pick<Demand, 'action'>): string {
  return `User: ${caller.arn} is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;
}
