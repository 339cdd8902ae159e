import type { PolicyDocument, StatementDocument } from '../model.ts';
import { checkExternalId, checkPrefix } from './check-input.ts';
import { PolicyInputError } from './policy-input-error.ts';
import { forPrincipals, principalsElement } from './principals.ts';
import {
  checkCapabilities,
  checkedBucket,
  objectsUnder,
  type PlaceInput,
  type Reach,
  reachStatements,
} from './statements.ts';

/** A bucket of the operator's, made for one customer. */
export interface ManagedBucketInput extends Omit<PlaceInput, 'prefix'> {
  /** Before the folders; empty if not given. */
  readonly prefix?: string;
  /**
   * Refuses writes that do not carry the ACL `bucket-owner-full-control`. Not needed
   * where ACLs are disabled, as they are in a bucket that Causeway makes; some
   * customers' tools are set up for it. Parts of a multipart upload carry no ACL, so
   * files must be written in one request.
   */
  readonly ownerFullControl?: boolean;
  /**
   * Lets the customer say what became of its deliveries, by an object for each in
   * `outbound/_causeway/receipts/`. Beside that it can put nothing where it reads. Of no effect
   * where nothing is delivered. Default false.
   */
  readonly receipts?: boolean;
}

/** Where in a managed bucket a capability has its files. */
export const managedFolders = {
  ingest: 'inbound/',
  deliver: 'outbound/',
  browse: 'files/',
} as const;

/** Where receipts lie, below the folder of deliveries. */
const receiptFolder = '_causeway/receipts/';

/**
 * What the customer may do in a managed bucket: put into `inbound/`, take from
 * `outbound/`, and both in `files/`.
 *
 * @throws PolicyInputError
 */
export function managedReach(input: ManagedBucketInput): Reach {
  const { capabilities, kmsKeyArn, ownerFullControl, receipts } = input;
  checkCapabilities(capabilities);
  const base = checkPrefix('prefix', input.prefix ?? '');
  const folders = (wanted: readonly (keyof typeof managedFolders)[]) =>
    wanted
      .filter((name) => capabilities.includes(name))
      .map((name) => `${base}${managedFolders[name]}`);
  return {
    arn: checkedBucket(input),
    write: folders(['ingest', 'browse']),
    read: folders(['deliver', 'browse']),
    list: folders(['ingest', 'deliver', 'browse']),
    kmsKeyArn,
    readSid: 'Read',
    ownerFullControl,
    ...(receipts && {
      receipts: folders(['deliver']).map((folder) => `${folder}${receiptFolder}`),
    }),
  };
}

export interface ManagedBucketPolicyInput extends ManagedBucketInput {
  /** Accounts, or roles and users, of the customer. Empty when it comes in through a role. */
  readonly customerPrincipals: readonly string[];
  /** How long a presigned URL may be used at most; 900 if not given. */
  readonly longestPresignedSeconds?: number;
}

/**
 * The bucket policy of a managed bucket: the customer's principals in their folders,
 * and for everyone TLS 1.2 or later, no old signatures and no long-lived URLs.
 *
 * Every Allow names fixed principals, so Block Public Access can stay on. The
 * customer's own policies must allow as well: see `managedAccessPolicy`.
 *
 * @throws PolicyInputError
 */
export function managedBucketPolicy(input: ManagedBucketPolicyInput): PolicyDocument {
  const { customerPrincipals, partition = 'aws', longestPresignedSeconds = 900 } = input;
  const reach = { ...managedReach(input), kmsKeyArn: undefined };
  const who =
    customerPrincipals.length === 0
      ? null
      : principalsElement('customerPrincipals', customerPrincipals, partition);
  const allows = who
    ? reachStatements(reach).map((statement) =>
        forPrincipals(`CausewayCustomer${statement.Sid}`, statement, who),
      )
    : [];
  return {
    Version: '2012-10-17',
    Statement: [...allows, ...transportDenies(reach.arn, checkSeconds(longestPresignedSeconds))],
  };
}

/**
 * The signature's age counts milliseconds, and only for URLs: a request signed in its
 * headers is at most 15 minutes old anyway.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
 */
function transportDenies(arn: string, seconds: number): StatementDocument[] {
  const deny = (sid: string, condition: StatementDocument['Condition'] & {}) => ({
    Sid: `Causeway${sid}`,
    Effect: 'Deny' as const,
    Principal: '*' as const,
    Action: 's3:*',
    Resource: [arn, objectsUnder(arn, '')],
    Condition: condition,
  });
  return [
    deny('RequireTls', { Bool: { 'aws:SecureTransport': 'false' } }),
    deny('RequireTls12', { NumericLessThan: { 's3:TlsVersion': '1.2' } }),
    deny('LimitPresigned', {
      NumericGreaterThan: { 's3:signatureAge': String(seconds * 1000) },
      StringEquals: { 's3:authType': 'REST-QUERY-STRING' },
    }),
    deny('RequireSignatureV4', { StringEquals: { 's3:signatureversion': 'AWS' } }),
  ];
}

function checkSeconds(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new PolicyInputError(
    'longestPresignedSeconds',
    `is ${seconds}, which is no time that a presigned URL can have`,
    'Give whole seconds, from 1 to 604800 (seven days)',
  );
}

/**
 * What the customer attaches to its own users and roles to use a managed bucket, or
 * the operator to the role of one: between accounts both sides must allow.
 *
 * @throws PolicyInputError
 */
export function managedAccessPolicy(input: ManagedBucketInput): PolicyDocument {
  return { Version: '2012-10-17', Statement: reachStatements(managedReach(input)) };
}

export interface ManagedRoleTrustPolicyInput {
  /** Accounts, or roles and users, of the customer. */
  readonly customerPrincipals: readonly string[];
  /** With one, people cannot switch to the role in the AWS console, which has no field for it. */
  readonly externalId?: string;
  /** `aws` if not given. */
  readonly partition?: string;
}

/**
 * The trust policy of the role of a managed bucket. What protects it is that the
 * customer's principals are fixed; the external ID is for customers whose own
 * systems act for several parties.
 *
 * @throws PolicyInputError
 */
export function managedRoleTrustPolicy(input: ManagedRoleTrustPolicyInput): PolicyDocument {
  const { customerPrincipals, externalId, partition = 'aws' } = input;
  const statement: StatementDocument = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    ...(externalId !== undefined && {
      Condition: { StringEquals: { 'sts:ExternalId': checkExternalId(externalId) } },
    }),
  };
  const who = principalsElement('customerPrincipals', customerPrincipals, partition);
  return { Version: '2012-10-17', Statement: [forPrincipals('CausewayAssume', statement, who)] };
}
