import { splitArn } from '../evaluate/arn.ts';
import { PolicyInputError } from './policy-input-error.ts';

/** @throws PolicyInputError if the value is not an account's number. */
export function checkAccount(field: string, accountId: string): string {
  if (/^\d{12}$/.test(accountId)) return accountId;
  throw new PolicyInputError(
    field,
    `is "${accountId}", which has not 12 digits`,
    'Give the number of the AWS account without hyphens, such as "222222222222"',
  );
}

/**
 * A prefix ends in `/`, so that `acme/` can never mean `acme2/` too; an empty one
 * stands for the whole bucket.
 *
 * @throws PolicyInputError
 */
export function checkPrefix(field: string, prefix: string): string {
  if (prefix === '' || (prefix.endsWith('/') && !prefix.startsWith('/'))) return prefix;
  throw new PolicyInputError(
    field,
    `is "${prefix}", which does not end in "/" or begins with it`,
    'Give a folder such as "causeway/", or an empty prefix for the whole bucket',
  );
}

/**
 * @throws PolicyInputError if AWS would refuse the external ID.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function checkExternalId(externalId: string): string {
  if (/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) return externalId;
  throw new PolicyInputError(
    'externalId',
    'is not an external ID that AWS accepts',
    'Give 2 to 1,224 letters, digits and any of + = , . @ : / - _',
  );
}

/** The ARN of one role or user, taken apart. */
export interface PrincipalArn {
  readonly arn: string;
  readonly partition: string;
  readonly accountId: string;
  readonly kind: 'role' | 'user';
}

/** @throws PolicyInputError if the text is not the ARN of exactly one role or user. */
export function readPrincipalArn(field: string, arn: string): PrincipalArn {
  const [, partition = '', service, region, accountId = '', rest = ''] = splitArn(arn) ?? [];
  const kind = /^(role|user)\/([\x21-\x7e]+\/)?[\w+=,.@-]+$/.exec(rest)?.[1];
  if (
    /^aws(-[a-z]+)*$/.test(partition) &&
    service === 'iam' &&
    region === '' &&
    /^\d{12}$/.test(accountId) &&
    (kind === 'role' || kind === 'user') &&
    !/[*?$]/.test(rest)
  ) {
    return { arn, partition, accountId, kind };
  }
  throw new PolicyInputError(
    field,
    `is "${arn}", which is not the ARN of a role or user`,
    'Give one such as "arn:aws:iam::111111111111:role/causeway"; of a session, give the role',
  );
}

/** @throws PolicyInputError if the ARN is of another partition: no access leads from one to another. */
export function checkSamePartition(field: string, found: string, expected: string): void {
  if (found === expected) return;
  throw new PolicyInputError(
    field,
    `is of partition "${found}", and the bucket is of "${expected}"`,
    `Give an ARN that begins with "arn:${expected}:": no access leads from one partition to another`,
  );
}

export interface KeyArn {
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** @throws PolicyInputError if the text is not the ARN of one KMS key. */
export function readKeyArn(field: string, arn: string): KeyArn {
  const [, partition = '', service, region = '', accountId = '', rest = ''] = splitArn(arn) ?? [];
  if (
    service === 'kms' &&
    /^aws(-[a-z]+)*$/.test(partition) &&
    /^[a-z]+(-[a-z]+)+-\d+$/.test(region) &&
    /^\d{12}$/.test(accountId) &&
    /^key\/[\w-]+$/.test(rest)
  ) {
    return { arn, partition, region, accountId };
  }
  throw new PolicyInputError(
    field,
    `is "${arn}", which is not the ARN of a KMS key`,
    'Give the key itself, such as "arn:aws:kms:eu-west-1:222222222222:key/<id>": policies cannot name a key by its alias',
  );
}

/** @throws PolicyInputError if it cannot be part of a Sid. */
export function checkLabel(label: string): string {
  if (/^[0-9A-Za-z]*$/.test(label)) return label;
  throw new PolicyInputError(
    'label',
    `is "${label}", which cannot be part of a statement's name`,
    'Give letters and digits only',
  );
}
