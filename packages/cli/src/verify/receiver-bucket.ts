import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { CausewayError, plainWriteOptions } from '@causeway/contract';
import {
  type CallerIdentityInput,
  callerIdentity,
  createS3Store,
  type S3Store,
} from '@causeway/objectstore';

export interface ReceiverOptions {
  readonly endpointUrl?: string;
  readonly region: string;
  readonly owner?: string;
  readonly acl?: 'bucket-owner-full-control';
}

/**
 * Opens the bucket of an `s3://` address with the receiver's own credentials, as the usual
 * `AWS_*` variables give them. It must be the receiver's, unless `owner` says otherwise.
 *
 * @throws CausewayError `invalid_request` when there are no credentials; `credentials_rejected`.
 */
export async function openReceiverBucket(
  address: string,
  options: ReceiverOptions,
): Promise<{ readonly store: S3Store; readonly key: string }> {
  const credentials = defaultProvider();
  await credentials().catch((cause: unknown) => {
    const message =
      'there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE';
    throw new CausewayError('invalid_request', { issues: [{ path: '', message }] }, { cause });
  });
  const endpoint = options.endpointUrl === undefined ? {} : { endpoint: options.endpointUrl };
  const common = { region: options.region, credentials, ...endpoint };
  const expectedBucketOwner = options.owner ?? (await ownAccount(common));
  const [bucket = '', ...path] = address.slice('s3://'.length).split('/');
  const writeOptions = { ...plainWriteOptions, acl: options.acl ?? null };
  const store = createS3Store({ ...common, bucket, expectedBucketOwner, writeOptions });
  return { store, key: path.join('/') };
}

async function ownAccount(options: CallerIdentityInput): Promise<string> {
  const identity = await callerIdentity(options);
  if (identity.ok) return identity.accountId;
  const { code } = identity;
  throw new CausewayError('credentials_rejected', { operation: 'sts:GetCallerIdentity', code });
}
