import { authorize, requestContext } from '../../access/authorize.ts';
import type { Context } from '../../access/context.ts';
import { denialMessage } from '../../access/denial-message.ts';
import { AwsError } from '../../http/aws-error.ts';
import { awsManagedS3Key, s3KeyAlias } from '../../kms/aws-managed-key.ts';
import { type FoundKey, findKey, keyWithId, mustBeEnabled } from '../../kms/find-key.ts';
import { encryptionContextKeys, keyDemand } from '../../kms/key-demand.ts';
import { deniedAcrossAccounts } from '../../kms/kms-error.ts';
import type { KmsEncryption } from '../../state/encryption-records.ts';
import { accessDenied } from '../s3-error.ts';
import { bucketArn, objectArn, type S3Request } from '../s3-operation.ts';

export type KeyAction = 'kms:GenerateDataKey' | 'kms:Decrypt';

/** An object, as far as its encryption context goes. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}

/**
 * Finds the key that a request or a bucket names for new objects. What is not an
 * ARN is looked for in the account of the caller, not of the bucket.
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html#bucket-encryption-update-bucket-policy}
 *
 * @param named null for the key that AWS manages for S3.
 * @throws AwsError `KMS.NotFoundException`, or `AccessDenied` for a key of another account.
 */
export function findS3Key(request: S3Request, named: string | null, region: string): FoundKey {
  const { world, authenticated } = request;
  const { caller } = authenticated;
  const own = caller.accountId ?? '';
  const isManaged = named === null || named === s3KeyAlias;
  if (isManaged) return { key: awsManagedS3Key(own, region, world), alias: s3KeyAlias };
  return inWordsOfS3(() => {
    return findKey(named, { world, caller, region, action: 'kms:GenerateDataKey' });
  });
}

/**
 * Uses a key as S3 does, in the name of its caller: whoever may not use the key
 * cannot use what it protects, whatever S3's own permissions say.
 *
 * @throws AwsError `AccessDenied`, `KMS.DisabledException` or `KMS.KMSInvalidStateException`.
 */
export function useKmsKey(
  request: S3Request,
  action: KeyAction,
  found: FoundKey,
  encryption: KmsEncryption,
  place: Place,
): void {
  const { caller } = request.authenticated;
  const demand = keyDemand(action, found, caller.accountId ?? '', request.world, {
    ...encryptionContextKeys(encryptionContext(encryption, place)),
    'kms:ViaService': `s3.${place.region}.amazonaws.com`,
  });
  const decision = authorize(caller, demand, forwardedContext(request), request.world.organization);
  if (decision.decision !== 'allowed') {
    Object.assign(request.call.record, { resource: demand.resource, ...decision });
    throw accessDenied(
      demand.resourceAccount === caller.accountId
        ? denialMessage(caller, demand, decision, demand.resource, true)
        : deniedAcrossAccounts(caller, demand),
    );
  }
  inWordsOfS3(() => mustBeEnabled(found.key));
}

/**
 * Uses the key of an object that is there.
 *
 * @throws AwsError `KMS.NotFoundException`, too, once the key is deleted: the object is lost with it.
 */
export function useKeyOfObject(
  request: S3Request,
  action: KeyAction,
  encryption: KmsEncryption,
  place: Place,
): void {
  const id = encryption.keyArn.slice(encryption.keyArn.lastIndexOf('/') + 1);
  const key = keyWithId(id, request.world);
  if (!key) {
    const message = `Key '${encryption.keyArn}' does not exist`;
    throw new AwsError(400, 'KMS.NotFoundException', message);
  }
  useKmsKey(request, action, { key, alias: null }, encryption, place);
}

/** S3 always adds where the object is; with a bucket key, only in which bucket. */
function encryptionContext(
  { context, bucketKey }: KmsEncryption,
  { bucket, key }: Place,
): Record<string, string> {
  return { ...context, 'aws:s3:arn': bucketKey ? bucketArn(bucket) : objectArn(bucket, key) };
}

/**
 * The keys of the request as they are when S3 passes it on. The caller's address is
 * not among them: KMS sees S3's.
 */
function forwardedContext({ call, world, authenticated }: S3Request): Context {
  const { caller, claim } = authenticated;
  const { 'aws:SourceIp': _address, ...context } = requestContext(call.incoming, caller, claim, {
    now: world.now(),
    secureTransport: true,
  });
  return {
    ...context,
    'aws:ViaAWSService': 'true',
    'aws:CalledVia': ['s3.amazonaws.com'],
    'aws:CalledViaFirst': 's3.amazonaws.com',
    'aws:CalledViaLast': 's3.amazonaws.com',
  };
}

function inWordsOfS3<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'AccessDeniedException') throw accessDenied(error.message);
    throw new AwsError(400, `KMS.${error.code}`, error.message);
  }
}
