import { element, text } from '../http/xml.ts';
import type { BucketRecord } from '../state/records.ts';
import { readCount } from './query-values.ts';
import { accessDenied } from './s3-error.ts';
import { accountOf, type S3Operation } from './s3-operation.ts';
import { ownerElement, xmlReply } from './s3-xml.ts';

const maxBuckets = 10_000;

export const listBuckets: S3Operation = {
  name: 'ListBuckets',
  body: 'none',
  needsBucket: false,
  demands: ({ authenticated }) => {
    if (authenticated.caller.kind === 'anonymous') throw accessDenied();
    return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  },
  run: (request) => {
    const { query } = request.call.incoming;
    const prefix = query.get('prefix') ?? '';
    const region = query.get('bucket-region');
    const limit = readCount(query, 'max-buckets', maxBuckets);
    const after = query.get('continuation-token');
    const start = after === null ? '' : Buffer.from(after, 'base64url').toString();
    const own = [...request.world.state.buckets.under(prefix)].filter(
      (bucket) =>
        bucket.accountId === accountOf(request) &&
        (region === null || bucket.region === region) &&
        bucket.name > start,
    );
    const page = own.slice(0, limit);
    const last = page.at(-1);
    const next =
      own.length > page.length && last ? Buffer.from(last.name).toString('base64url') : null;
    return xmlReply('ListAllMyBucketsResult', [
      ownerElement(accountOf(request)),
      element('Buckets', page.map(bucketElement)),
      text('ContinuationToken', next),
      text('Prefix', query.get('prefix')),
    ]);
  },
};

function bucketElement(bucket: BucketRecord): string {
  return element('Bucket', [
    text('Name', bucket.name),
    text('CreationDate', bucket.createdAt),
    text('BucketRegion', bucket.region),
  ]);
}
