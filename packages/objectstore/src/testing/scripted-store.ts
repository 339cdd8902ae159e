import { createS3Store, type S3Store } from '../create-s3-store.ts';
import type { S3StoreOptions } from '../s3-store-options.ts';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  scriptedServer,
} from './scripted-server.ts';

export interface ScriptedStore {
  readonly store: S3Store;
  readonly server: ScriptedServer;
}

/**
 * Runs `test` against a bucket whose every answer is scripted. What the script
 * leaves open is answered as S3 does when all is well and nothing is stored.
 */
export async function withScriptedStore(
  script: (request: ScriptedRequest, nth: number) => ScriptedAnswer | undefined,
  test: (scripted: ScriptedStore) => Promise<void>,
  options: Partial<S3StoreOptions> = {},
): Promise<void> {
  const server = await scriptedServer((request, nth) => script(request, nth) ?? fine(request));
  const store = createS3Store({
    bucket: 'acme-data',
    region: 'eu-west-1',
    endpoint: server.url,
    expectedBucketOwner: '222222222222',
    credentials: { accessKeyId: 'AKIASCRIPTED', secretAccessKey: 'not-a-secret' },
    retryBudgetMs: 3_000,
    ...options,
  });
  try {
    await test({ store, server });
  } finally {
    store.close();
    await server.close();
  }
}

/** The header that carries our token on an object that reads back as ours. */
export function headOf(token: string, etag = 'd41d8cd98f00b204e9800998ecf8427e'): ScriptedAnswer {
  return {
    status: 200,
    headers: { etag: `"${etag}"`, 'content-length': '4', 'x-amz-meta-cw-token': token },
  };
}

/** A listing of one key. */
export function listingOf(key: string, bytes: number, etag: string): ScriptedAnswer {
  return {
    status: 200,
    body: `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>${key}</Key><Size>${bytes}</Size><ETag>"${etag}"</ETag></Contents></ListBucketResult>`,
  };
}

const fineEtag = { etag: '"0123456789abcdef0123456789abcdef"' };

const fineAnswers: Readonly<Record<string, ScriptedAnswer>> = {
  PutObject: { status: 200, headers: fineEtag },
  UploadPart: { status: 200, headers: fineEtag },
  CreateMultipartUpload: {
    status: 200,
    body: '<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>',
  },
  CompleteMultipartUpload: {
    status: 200,
    body: '<CompleteMultipartUploadResult><ETag>"0123456789abcdef0123456789abcdef-1"</ETag></CompleteMultipartUploadResult>',
  },
  AbortMultipartUpload: { status: 204 },
  DeleteObject: { status: 204 },
  HeadObject: { status: 404 },
  ListObjectsV2: {
    status: 200,
    body: '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>',
  },
  ListMultipartUploads: {
    status: 200,
    body: '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
  },
  GetObject: { status: 200, body: 'data' },
};

function fine(request: ScriptedRequest): ScriptedAnswer {
  return fineAnswers[request.operation] ?? { status: 500 };
}
