/** Lists a share of a bucket through the AWS SDK and tells its parent how many keys it saw. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

const [endpoint = '', Bucket = '', from = '', pages = ''] = process.argv.slice(2);
const s3 = new S3Client({
  endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: {
    accessKeyId: 'AKIASANDBOX222222222',
    secretAccessKey: 'sandbox-secret-222222222222',
  },
});

async function list(wanted: number): Promise<number> {
  let keys = 0;
  let token: string | undefined;
  for (let page = 0; page < wanted; page++) {
    const found = await s3.send(
      new ListObjectsV2Command({ Bucket, StartAfter: from, ContinuationToken: token }),
    );
    keys += found.KeyCount ?? 0;
    token = found.NextContinuationToken;
    if (token === undefined) break;
  }
  return keys;
}

// The first pages are slower: the machine code of the parser is still in the making.
await list(20);
process.send?.('ready');
process.once('message', () => {
  void list(Number(pages)).then((keys) => {
    process.send?.(keys);
    process.disconnect();
  });
});
