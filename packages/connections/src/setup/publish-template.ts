import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { SetupGuide } from '@causeway/contract';
import type { CredentialProvider } from '@causeway/objectstore';
import { withoutValues } from './cloudformation.ts';

/** The operator's bucket that AWS fetches templates from when customers create their stacks. */
export interface TemplateBucket {
  readonly bucket: string;
  readonly region: string;
  /** The operator's own: a bucket of that name may be anybody's. */
  readonly accountId: string;
  readonly credentials: CredentialProvider;
  readonly endpoint?: string;
}

/**
 * Puts the template for connections of this kind where AWS can fetch it, and returns
 * its address. It has no customer's values in it, and its name is made of its content,
 * so what was published never changes and two connections of a kind share one.
 *
 * @throws S3ServiceException as S3 refuses the operator.
 */
export async function publishTemplate(guide: SetupGuide, to: TemplateBucket): Promise<string> {
  const body = JSON.stringify(withoutValues(guide));
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const key = `causeway/${guide.access}-${digest}.template.json`;
  const { bucket, region, accountId, credentials, endpoint } = to;
  const s3 = new S3Client({
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: 'application/json',
        IfNoneMatch: '*',
        ExpectedBucketOwner: accountId,
      }),
    );
  } catch (error) {
    // It is there already.
    if (!(error instanceof S3ServiceException && error.name === 'PreconditionFailed')) throw error;
  } finally {
    s3.destroy();
  }
  const domain = guide.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${bucket}.s3.${region}.${domain}/${key}`;
}
