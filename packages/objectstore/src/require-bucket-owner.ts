import type { S3Client } from '@aws-sdk/client-s3';

const header = 'x-amz-expected-bucket-owner';

/**
 * Makes `client` name the account that must own the bucket in every request, and
 * fail before sending one that does not: a bucket deleted by the customer and
 * created again by a stranger must never receive data.
 *
 * @throws Error when `accountId` is not twelve digits.
 */
export function requireBucketOwner(client: S3Client, accountId: string): void {
  if (!/^\d{12}$/.test(accountId)) {
    throw new Error(`Cannot expect bucket owner "${accountId}": it is not an account of 12 digits`);
  }
  client.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ExpectedBucketOwner: accountId } }),
    { step: 'initialize', priority: 'high', name: 'addExpectedBucketOwner' },
  );
  client.middlewareStack.add(
    (next, context) => (args) => {
      const { headers } = args.request as { readonly headers: Readonly<Record<string, string>> };
      if (headers[header] !== accountId) {
        throw new Error(`Cannot send ${context.commandName}: it does not name the bucket's owner`);
      }
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'requireExpectedBucketOwner' },
  );
}
