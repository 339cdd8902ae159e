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
  const { bucket, prefixes, capabilities, kmsKeyArn } = input;
  checkCapabilities(capabilities);
  if (prefixes.length === 0) {
    throw new PolicyInputError(
      'prefixes',
      'names none',
      'Give what the keys of the run begin with',
    );
  }
  const arn = checkedBucket(input);
  const under = withoutCovered(prefixes).map((prefix) => `${literalPattern(prefix)}*`);
  const document: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: writes(capabilities) ? [...writeActions, 's3:GetObject'] : 's3:GetObject',
        Resource: under.map((pattern) => `${arn}/${pattern}`),
      },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: arn,
        // A list of the whole bucket may leave the parameter out, which no condition on it would pass.
        ...(prefixes.includes('') ? {} : { Condition: { StringLike: { 's3:prefix': under } } }),
      },
      ...(writes(capabilities) ? [listingOfUploads(arn)] : []),
      ...(kmsKeyArn === undefined ? [] : [useOf(kmsKeyArn, writes(capabilities))]),
    ],
  };
  const size = JSON.stringify(document).length;
  if (size <= longestSessionPolicy) return document;
  throw new PolicyInputError(
    'prefixes',
    `(${prefixes.length} of bucket "${bucket}") make a session policy of ${size} characters, and STS accepts ${longestSessionPolicy}`,
    'Give fewer or shorter prefixes',
  );
}

/**
 * Good only where the role has it, too: the guide does not ask for it, since no condition
 * narrows it to a prefix. With it, uploads whose ids were lost are found and aborted.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
function listingOfUploads(arn: string): StatementDocument {
  return { Effect: 'Allow', Action: 's3:ListBucketMultipartUploads', Resource: arn };
}

/** Characters are scarce here: which objects the key may be used for stands in the role's policy. */
function useOf(kmsKeyArn: string, write: boolean): StatementDocument {
  return {
    Effect: 'Allow',
    Action: write ? ['kms:GenerateDataKey', 'kms:Decrypt'] : 'kms:Decrypt',
    Resource: kmsKeyArn,
    Condition: { StringEquals: { 'kms:ViaService': viaS3(kmsKeyArn) } },
  };
}

/** Leaves out what another prefix already contains: each costs characters. */
function withoutCovered(prefixes: readonly string[]): readonly string[] {
  const unique = [...new Set(prefixes)];
  return unique.filter(
    (prefix) => !unique.some((other) => other !== prefix && prefix.startsWith(other)),
  );
}
