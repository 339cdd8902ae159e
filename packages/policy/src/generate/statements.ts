import type { StatementDocument } from '../model.ts';
import { checkPrefix, checkSamePartition, readKeyArn } from './check-input.ts';
import { bucketArn, literalPattern } from './pattern-text.ts';
import { PolicyInputError } from './policy-input-error.ts';
import { oneOrMore } from './principals.ts';

/** What a connection is for. It fixes the least permissions. */
export type PolicyCapability = 'deliver' | 'ingest' | 'browse';

/** What somebody may do in a bucket: prefixes to write, to read and to list under. */
export interface Reach {
  readonly arn: string;
  readonly write: readonly string[];
  readonly read: readonly string[];
  readonly list: readonly string[];
  /** Where to delete what was replaced. */
  readonly replace?: readonly string[];
  readonly kmsKeyArn?: string | undefined;
  /** The Sid of the statement that reads: it says why. */
  readonly readSid: string;
  /** Whether every write must give the bucket's owner full control by an ACL. */
  readonly ownerFullControl?: boolean | undefined;
  /** Where to put tags on what is written. */
  readonly tag?: readonly string[];
  /** Where to give the bucket's owner full control of what is written. */
  readonly giveToOwner?: readonly string[];
  /** Where to put receipts of deliveries. */
  readonly receipts?: readonly string[];
}

export interface PlaceInput {
  readonly bucket: string;
  /** Ends in `/`, or is empty for the whole bucket. */
  readonly prefix: string;
  readonly capabilities: readonly PolicyCapability[];
  /** Whether deliveries delete the files that later ones replace. Default false. */
  readonly overwrites?: boolean;
  /** `aws` if not given. */
  readonly partition?: string;
  /** The key that encrypts the bucket, if it is one of KMS that somebody manages. */
  readonly kmsKeyArn?: string;
  /** Whether objects are written with tags. Default false. */
  readonly setsTags?: boolean;
  /** Whether objects are written with the ACL `bucket-owner-full-control`. Default false. */
  readonly setsAcl?: boolean;
}

/**
 * What a connection needs in the customer's bucket. A delivery reads back what it
 * wrote, to settle answers that were lost; it deletes only where it overwrites.
 *
 * @throws PolicyInputError
 */
export function customerReach(input: PlaceInput): Reach {
  const { capabilities, kmsKeyArn } = input;
  const under = [checkPrefix('prefix', input.prefix)];
  checkCapabilities(capabilities);
  const write = writes(capabilities) ? under : [];
  return {
    arn: checkedBucket(input),
    write,
    read: under,
    list: under,
    ...(input.overwrites && { replace: under }),
    ...(input.setsTags && { tag: write }),
    ...(input.setsAcl && { giveToOwner: write }),
    kmsKeyArn,
    readSid: capabilities.every((capability) => capability === 'deliver') ? 'Verify' : 'Read',
  };
}

export function writes(capabilities: readonly PolicyCapability[]): boolean {
  return capabilities.some((capability) => capability !== 'ingest');
}

/** @throws PolicyInputError if there is none: a connection without a purpose needs no policy. */
export function checkCapabilities(capabilities: readonly PolicyCapability[]): void {
  if (capabilities.length > 0) return;
  throw new PolicyInputError(
    'capabilities',
    'names none',
    'Give at least one of "deliver", "ingest" and "browse"',
  );
}

/** The bucket's ARN. @throws PolicyInputError also if its key is of another partition. */
export function checkedBucket(input: Omit<PlaceInput, 'prefix' | 'capabilities'>): string {
  const partition = input.partition ?? 'aws';
  const arn = bucketArn(partition, input.bucket);
  if (input.kmsKeyArn !== undefined) {
    checkSamePartition('kmsKeyArn', readKeyArn('kmsKeyArn', input.kmsKeyArn).partition, partition);
  }
  return arn;
}

/** Multipart uploads and single puts. Parts are in the journal, so nobody needs to list them. */
export const writeActions = ['s3:PutObject', 's3:AbortMultipartUpload'] as const;

/** A reach as statements of an identity policy. */
export function reachStatements(reach: Reach): StatementDocument[] {
  return [
    ...writeStatements(reach),
    ...receiptStatements(reach),
    ...propertyStatements(reach),
    ...listStatements(reach),
    ...readStatements(reach),
    ...replaceStatements(reach),
    ...keyStatements(reach),
  ];
}

function writeStatements({ arn, write, ownerFullControl }: Reach): StatementDocument[] {
  if (write.length === 0) return [];
  const Resource = objects(arn, write);
  if (!ownerFullControl) {
    return [{ Sid: 'Write', Effect: 'Allow', Action: writeActions, Resource }];
  }
  return [
    putGivenToOwner('Write', Resource),
    { Sid: 'Abort', Effect: 'Allow', Action: 's3:AbortMultipartUpload', Resource },
  ];
}

/** A receipt is one small object, written by one request: there is nothing to abort. */
function receiptStatements({ arn, receipts = [], ownerFullControl }: Reach): StatementDocument[] {
  if (receipts.length === 0) return [];
  const Sid = 'WriteReceipts';
  const Resource = objects(arn, receipts);
  if (ownerFullControl) return [putGivenToOwner(Sid, Resource)];
  return [{ Sid, Effect: 'Allow', Action: 's3:PutObject', Resource }];
}

function putGivenToOwner(Sid: string, Resource: string | readonly string[]): StatementDocument {
  return {
    Sid,
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:PutObjectAcl'],
    Resource,
    Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
  };
}

/**
 * Who writes an object with tags or a list must be allowed to set them. Parts of an upload carry
 * neither, so the writing itself stands under no condition on them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
function propertyStatements({ arn, tag = [], giveToOwner = [] }: Reach): StatementDocument[] {
  return [
    ...(tag.length === 0
      ? []
      : [
          {
            Sid: 'Tag',
            Effect: 'Allow' as const,
            Action: 's3:PutObjectTagging',
            Resource: objects(arn, tag),
          },
        ]),
    ...(giveToOwner.length === 0
      ? []
      : [
          {
            Sid: 'GiveToOwner',
            Effect: 'Allow' as const,
            Action: 's3:PutObjectAcl',
            Resource: objects(arn, giveToOwner),
            Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
          },
        ]),
  ];
}

function readStatements({ arn, read, readSid }: Reach): StatementDocument[] {
  if (read.length === 0) return [];
  return [{ Sid: readSid, Effect: 'Allow', Action: 's3:GetObject', Resource: objects(arn, read) }];
}

/** Of a bucket with versions this hides an object and destroys nothing. */
function replaceStatements({ arn, replace = [] }: Reach): StatementDocument[] {
  if (replace.length === 0) return [];
  const Resource = objects(arn, replace);
  return [{ Sid: 'Replace', Effect: 'Allow', Action: 's3:DeleteObject', Resource }];
}

/**
 * The exact prefix is listed beside the pattern, for clients that ask for the folder
 * itself. A list of the whole bucket may leave the parameter out, which no condition
 * on it would pass.
 */
function listStatements({ arn, list }: Reach): StatementDocument[] {
  if (list.length === 0) return [];
  const patterns = list.map(literalPattern).flatMap((prefix) => [prefix, `${prefix}*`]);
  const condition = list.includes('')
    ? {}
    : { Condition: { StringLike: { 's3:prefix': patterns } } };
  return [{ Sid: 'List', Effect: 'Allow', Action: 's3:ListBucket', Resource: arn, ...condition }];
}

function keyStatements(reach: Reach): StatementDocument[] {
  const { kmsKeyArn } = reach;
  if (kmsKeyArn === undefined) return [];
  return keyUses(reach, kmsKeyArn, kmsKeyArn);
}

/**
 * The uses of a key, through S3 and for these objects only. A multipart upload decrypts its own
 * parts; a receipt, written by one request, is encrypted and no more.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
export function keyUses(
  { arn, write, read, receipts = [] }: Reach,
  kmsKeyArn: string,
  Resource: string,
): StatementDocument[] {
  const use = (
    Sid: string,
    Action: StatementDocument['Action'] & {},
    under: readonly string[],
  ) => ({
    Sid,
    Effect: 'Allow' as const,
    Action,
    Resource,
    Condition: forObjects(arn, under, kmsKeyArn),
  });
  const actions = write.length > 0 ? ['kms:GenerateDataKey', 'kms:Decrypt'] : 'kms:Decrypt';
  return [
    use('UseKey', actions, [...new Set([...write, ...read])]),
    ...(receipts.length === 0 ? [] : [use('UseKeyForReceipts', 'kms:GenerateDataKey', receipts)]),
  ];
}

/**
 * S3 encrypts for the object's ARN, or for the bucket's where S3 Bucket Keys are on, so both are
 * named.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
 */
function forObjects(arn: string, under: readonly string[], kmsKeyArn: string) {
  return {
    StringEquals: { 'kms:ViaService': viaS3(kmsKeyArn) },
    StringLike: {
      'kms:EncryptionContext:aws:s3:arn': [
        arn,
        ...under.map((prefix) => objectsUnder(arn, prefix)),
      ],
    },
  };
}

/**
 * The name of S3 in `kms:ViaService`. AWS documents it without the domain of China,
 * whose services go by both names; S3 alone has either, so there both are accepted.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function viaS3(kmsKeyArn: string): string | readonly string[] {
  const { partition, region } = readKeyArn('kmsKeyArn', kmsKeyArn);
  const name = `s3.${region}.amazonaws.com`;
  return partition === 'aws-cn' ? [name, `${name}.cn`] : name;
}

/** Everything under the prefixes: text for one, as people would write it, and a list for more. */
function objects(arn: string, prefixes: readonly string[]): string | readonly string[] {
  return oneOrMore(prefixes.map((prefix) => objectsUnder(arn, prefix)));
}

export function objectsUnder(arn: string, prefix: string): string {
  return `${arn}/${literalPattern(prefix)}*`;
}
