import type { PolicyDocument, StatementDocument } from '../model.ts';
import { literalPattern } from './pattern-text.ts';
import { PolicyInputError } from './policy-input-error.ts';
import {
  checkCapabilities,
  checkedBucket,
  type PlaceInput,
  viaS3,
  writeActions,
  writes,
} from './statements.ts';

export interface SessionPolicyInput extends Omit<PlaceInput, 'prefix'> {
  /**
   * What the keys of this run begin with. Each is taken as it is: end it in `/` to
   * mean a folder. An empty one stands for the whole bucket.
   */
  readonly prefixes: readonly string[];
  /** Default true. A store without KMS may refuse a policy that speaks of it, as Ceph does. */
  readonly hasKms?: boolean;
}

/** STS accepts no longer one. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const longestSessionPolicy = 2048;

/**
 * The session policy of one run: what the capabilities need under the given
 * prefixes. A session may do what both this and the role's own policies allow.
 *
 * @throws PolicyInputError if the text would be longer than STS accepts, naming its size:
 * fewer or shorter prefixes help. Also if no prefix or no capability is given.
 */
export function sessionPolicy(input: SessionPolicyInput): PolicyDocument {
  const { prefixes, capabilities, kmsKeyArn, hasKms = true } = input;
  checkCapabilities(capabilities);
  const arn = checkedBucket(input);
  const under = patternsOf(prefixes);
  const needed: StatementDocument[] = [
    {
      Effect: 'Allow',
      Action: writes(capabilities) ? [...actionsOfWrites(input), 's3:GetObject'] : 's3:GetObject',
      Resource: under.map((pattern) => `${arn}/${pattern}`),
    },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: arn,
      // A list of the whole bucket may leave the parameter out, which no condition on it would pass.
      ...(prefixes.includes('') ? {} : { Condition: { StringLike: { 's3:prefix': under } } }),
    },
    ...(hasKms ? [useOf(kmsKeyArn, writes(capabilities))] : []),
  ];
  const document = documentOf(needed);
  const wished = documentOf([...needed, ...(writes(capabilities) ? [listingOfUploads(arn)] : [])]);
  if (sizeOf(wished) <= longestSessionPolicy) return wished;
  return checkSize(document, input);
}

/**
 * The session policy for deleting what a run has replaced, and for nothing else: what writes
 * can delete nothing, and what deletes can write nothing.
 *
 * @throws PolicyInputError as {@link sessionPolicy} does.
 */
export function removalSessionPolicy(
  input: Omit<SessionPolicyInput, 'capabilities' | 'kmsKeyArn' | 'setsTags' | 'setsAcl'>,
): PolicyDocument {
  const arn = checkedBucket(input);
  const Resource = patternsOf(input.prefixes).map((pattern) => `${arn}/${pattern}`);
  const statement = { Effect: 'Allow', Action: 's3:DeleteObject', Resource } as const;
  return checkSize(documentOf([statement]), input);
}

/** What an ACL may say is for the role's own policy: characters are scarce here. */
function actionsOfWrites({ setsTags, setsAcl }: SessionPolicyInput): readonly string[] {
  return [
    ...writeActions,
    ...(setsTags ? ['s3:PutObjectTagging'] : []),
    ...(setsAcl ? ['s3:PutObjectAcl'] : []),
  ];
}

function patternsOf(prefixes: readonly string[]): readonly string[] {
  if (prefixes.length > 0) {
    return withoutCovered(prefixes).map((prefix) => `${literalPattern(prefix)}*`);
  }
  const fix = 'Give what the keys of the run begin with';
  throw new PolicyInputError('prefixes', 'names none', fix);
}

function checkSize(
  document: PolicyDocument,
  { prefixes, bucket }: Pick<SessionPolicyInput, 'prefixes' | 'bucket'>,
): PolicyDocument {
  const size = sizeOf(document);
  if (size <= longestSessionPolicy) return document;
  throw new PolicyInputError(
    'prefixes',
    `(${prefixes.length} of bucket "${bucket}") make a session policy of ${size} characters, and STS accepts ${longestSessionPolicy}`,
    'Give fewer or shorter prefixes',
  );
}

function documentOf(Statement: readonly StatementDocument[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: [...Statement] };
}

function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

/**
 * Left out where it does not fit. Good only where the role has it, too: the guide does not ask for it, since no condition
 * narrows it to a prefix. With it, uploads whose ids were lost are found and aborted.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
function listingOfUploads(arn: string): StatementDocument {
  return { Effect: 'Allow', Action: 's3:ListBucketMultipartUploads', Resource: arn };
}

/**
 * S3 uses the key in the caller's name, so a session without this could not write to a bucket
 * whose default encryption is a key of KMS. Which one that is need not be known: the role's own
 * policies and the key's say which may be used, and for what, and characters are scarce here.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
function useOf(kmsKeyArn: string | undefined, write: boolean): StatementDocument {
  const Action = write ? ['kms:GenerateDataKey', 'kms:Decrypt'] : 'kms:Decrypt';
  if (kmsKeyArn === undefined) {
    const Condition = { StringLike: { 'kms:ViaService': 's3.*' } };
    return { Effect: 'Allow', Action, Resource: '*', Condition };
  }
  const Condition = { StringEquals: { 'kms:ViaService': viaS3(kmsKeyArn) } };
  return { Effect: 'Allow', Action, Resource: kmsKeyArn, Condition };
}

/** Leaves out what another prefix already contains: each costs characters. */
function withoutCovered(prefixes: readonly string[]): readonly string[] {
  const unique = [...new Set(prefixes)];
  return unique.filter(
    (prefix) => !unique.some((other) => other !== prefix && prefix.startsWith(other)),
  );
}
