import { z } from 'zod';

/** A key itself: policies and checks cannot name one by its alias. */
export const KmsKeyArn = z
  .string()
  .regex(
    /^arn:aws(?:-[a-z]+)*:kms:[a-z]+(?:-[a-z]+)+-[0-9]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/,
    'must be the ARN of a KMS key',
  );

/**
 * Classes whose objects can be read at once. Not those that must be restored first (`GLACIER`,
 * `DEEP_ARCHIVE`), since receivers read what has arrived, and `REDUCED_REDUNDANCY` is dearer than
 * `STANDARD` and loses more. https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
 */
export const StorageClass = z.enum([
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
]);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const allowed = 'must be letters, digits, spaces and any of + - = . _ : / @';
const mostTags = 10;
/** All headers of a request together may have 8 KB, and signatures and tokens are among them. */
const longestHeader = 4096;

const Tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(tagText, allowed)
      .refine((key) => !/^aws:/i.test(key), 'must not begin with "aws:", which is for AWS'),
    z.string().max(256).regex(tagText, allowed),
  )
  .refine((tags) => Object.keys(tags).length <= mostTags, `must be at most ${mostTags}`)
  .refine(
    (tags) => taggingHeader(tags).length <= longestHeader,
    `must fit into a header of ${longestHeader} characters, where other letters than a to z take several`,
  );

const fields = {
  kmsKeyArn: KmsKeyArn.nullable().describe(
    "The customer's key that objects are encrypted with; null leaves it to the bucket. It must be in the bucket's region",
  ),
  storageClass: StorageClass.nullable().describe('Null: STANDARD, and nothing is sent'),
  tags: Tags.describe('Put on every object').meta({ examples: [{ team: 'data' }] }),
  acl: z
    .literal('bucket-owner-full-control')
    .nullable()
    .describe('For bucket policies that demand it; null sends none'),
} as const;

/** How every object is written: what is sent along with it, and so what rights are asked for. */
export const WriteOptions = z
  .strictObject({
    kmsKeyArn: fields.kmsKeyArn.default(null),
    storageClass: fields.storageClass.default(null),
    tags: fields.tags.default({}),
    acl: fields.acl.default(null),
  })
  .meta({ id: 'WriteOptions' });
export type WriteOptions = z.output<typeof WriteOptions>;

/** What is left out stays as it was; tags are replaced as a whole. */
export const WriteOptionsUpdate = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'WriteOptionsUpdate' });
export type WriteOptionsUpdate = z.output<typeof WriteOptionsUpdate>;

/** The bucket decides everything. */
export const plainWriteOptions: WriteOptions = {
  kmsKeyArn: null,
  storageClass: null,
  tags: {},
  acl: null,
};

/** How objects are written in a bucket of any kind: those of the operator's have their own settings. */
export function writeOptionsOf(connection: {
  readonly id: string;
  readonly writeOptions?: WriteOptions;
}): WriteOptions {
  return connection.writeOptions ?? plainWriteOptions;
}

/** Tags as `x-amz-tagging` takes them; empty where there are none. */
export function taggingHeader(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map((pair) => pair.map((text) => encodeURIComponent(text)).join('='))
    .join('&');
}
