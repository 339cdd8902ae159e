import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { type Attempt, attempt } from './attempt.ts';
import { bucketClient, bucketOf, type CheckContext } from './check-context.ts';

/** Starts an upload, which makes no object until it is completed. */
export function startUpload(
  context: CheckContext,
  key: string,
  headers: Partial<CreateMultipartUploadCommandInput> = {},
) {
  return attempt('s3:CreateMultipartUpload', () =>
    bucketClient(context).send(
      new CreateMultipartUploadCommand({ ...bucketOf(context), Key: key, ...headers }),
    ),
  );
}

/** Ends an upload without leaving a part of it. */
export function abortUpload(
  context: CheckContext,
  key: string,
  uploadId: string | undefined,
): Promise<Attempt<object>> {
  return attempt('s3:AbortMultipartUpload', () =>
    bucketClient(context).send(
      new AbortMultipartUploadCommand({ ...bucketOf(context), Key: key, UploadId: uploadId }),
    ),
  );
}

/** Starts an upload only to see whether that is allowed. */
export async function tryUpload(
  context: CheckContext,
  key: string,
  headers?: Partial<CreateMultipartUploadCommandInput>,
) {
  const started = await startUpload(context, key, headers);
  if (started.ok) await abortUpload(context, key, started.value.UploadId);
  return started;
}

/** Where a check writes, and nowhere else. */
export function probeKey({ connection, probeId }: CheckContext): string {
  return `${connection.prefix}_causeway/check-${probeId}`;
}
