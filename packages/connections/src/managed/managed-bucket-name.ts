import { randomDigits } from '@causeway/contract';

/** As many as leave room for `-access` behind the longest resource ID: 42 + 1 + 14 + 7 is IAM's limit of 64. */
export const suffixLength = 14;

/**
 * A name that nobody can guess: 70 random bits after what the customer chose, so
 * that no stranger can hold it first, or find out by it who is a customer. The role
 * of the bucket is called `<bucket>-access`.
 */
export function managedBucketName(resourceId: string): string {
  return `${resourceId}-${randomDigits(suffixLength)}`;
}
