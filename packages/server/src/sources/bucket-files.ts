import { type BucketSource, CausewayError } from '@causeway/contract';
import { type FoundObject, openS3Source, type S3ClientOptions } from '@causeway/objectstore';
import { PassingFailure, type RemoteFile, type RemoteFiles } from './fetched-sources.ts';
import { notReadable } from './not-readable.ts';
import { expressionOf, hasWildcards } from './wildcards.ts';

/** More objects than this are more likely a prefix gone wrong than a dataset. */
const maximumObjects = 10_000;

export interface BucketAccess extends Pick<S3ClientOptions, 'credentials' | 'endpoint'> {
  readonly region: string;
  /** Whose buckets are read unless the source says another account. */
  readonly accountId: string;
}

type BucketFile = RemoteFile & { readonly object: FoundObject };

/**
 * Objects in a bucket, read with the operator's own credentials, and only while the
 * bucket belongs to the account that is expected: a bucket that was deleted and made
 * again by somebody else is refused.
 */
export function bucketFiles(
  { location, region, accountId }: BucketSource,
  access: BucketAccess,
  signal: AbortSignal | undefined,
): RemoteFiles {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/su.exec(location) ?? [];
  const store = openS3Source({
    bucket,
    region: region ?? access.region,
    credentials: access.credentials,
    expectedBucketOwner: accountId ?? access.accountId,
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    ...(signal && { signal }),
  });
  const fileOf = (object: FoundObject): BucketFile => ({
    label: `s3://${bucket}/${object.key}`,
    bytes: object.bytes,
    modifiedAt: object.modifiedAt,
    tag: object.etag,
    object,
  });
  return {
    async find() {
      try {
        if (!isSeveral(key)) return [fileOf(await store.head(key))];
        const found: BucketFile[] = [];
        for await (const object of store.list(key.replace(/[*?].*$/su, ''))) {
          if (fits(object.key, key)) found.push(fileOf(object));
          if (found.length > maximumObjects) {
            throw notReadable(location, `it names more than ${maximumObjects} objects`);
          }
        }
        if (found.length === 0) throw notReadable(location, 'no object fits it');
        return found;
      } catch (error) {
        throw explained(error, location);
      }
    },
    async read(file, from) {
      const { object } = file as BucketFile;
      try {
        const body = await store.read(object, from);
        return { from, body: passing(body) };
      } catch (error) {
        throw explained(error, file.label);
      }
    },
    close: () => store.close(),
  };
}

function isSeveral(key: string): boolean {
  return hasWildcards(key) || key === '' || key.endsWith('/');
}

/**
 * Under a prefix all that is data by the custom of Hive and Spark: no markers such as
 * `_SUCCESS`, nothing hidden, no folder. A pattern says itself what it takes.
 */
function fits(key: string, wanted: string): boolean {
  if (key.endsWith('/')) return false;
  if (!hasWildcards(wanted)) {
    return !key
      .slice(wanted.length)
      .split('/')
      .some((segment) => /^[._]/.test(segment));
  }
  return new RegExp(`^${expressionOf(wanted)}$`, 'su').test(key);
}

async function* passing(chunks: AsyncIterable<Buffer>) {
  try {
    yield* chunks;
  } catch (error) {
    if (!CausewayError.is(error, 'store_unavailable')) throw error;
    throw new PassingFailure(error.details.reason, { cause: error });
  }
}

/** In words of the operator's own bucket: codes such as `access_denied` speak of a customer's. */
function explained(error: unknown, label: string): unknown {
  if (!CausewayError.is(error) || CausewayError.is(error, 'source_not_readable')) return error;
  const fixed: Partial<Record<string, string>> = {
    access_denied: `the operator's credentials may not read it, or its bucket belongs to another account`,
    bucket_not_found: 'its bucket does not exist',
    object_not_found: 'it does not exist',
    object_exists: 'it changed while it was read',
  };
  if (CausewayError.is(error, 'store_unavailable')) {
    return new PassingFailure(error.details.reason, { cause: error });
  }
  if (CausewayError.is(error, 'bucket_region_mismatch')) {
    const { found } = error.details;
    return notReadable(label, `its bucket is in region "${found ?? 'unknown'}": name that`, error);
  }
  return notReadable(label, fixed[error.code] ?? error.message, error);
}
