import type { PolicyDocument } from './model.ts';
import { bucketArn, literalPattern } from './pattern-text.ts';
import { type PolicyCapability, writeActions } from './permissions-policy.ts';

export interface SessionPolicyInput {
  readonly bucket: string;
  /** What the keys of this run begin with. Each is taken as it is: end it in `/` to mean a folder. */
  readonly prefixes: readonly string[];
  readonly capabilities: readonly PolicyCapability[];
  /** `aws` if not given. */
  readonly partition?: string;
}

/** STS accepts no longer one. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const longestSessionPolicy = 2048;

/**
 * The session policy of one run: what the capabilities need under the given
 * prefixes. A session may do what both this and the role's own policies allow.
 *
 * @throws Error if the text would be longer than STS accepts, naming its size; fewer or
 * shorter prefixes help. Also if a prefix is empty or none is given, which would narrow nothing.
 */
export function sessionPolicy(input: SessionPolicyInput): PolicyDocument {
  const { bucket, prefixes, capabilities, partition = 'aws' } = input;
  if (capabilities.length === 0) throw new Error('Cannot write a policy without a capability');
  if (prefixes.length === 0 || prefixes.includes('')) {
    throw new Error('Cannot write a session policy: it needs prefixes that are not empty');
  }
  const arn = bucketArn(partition, bucket);
  const under = prefixes.map((prefix) => `${literalPattern(prefix)}*`);
  const document: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [...writeActions, 's3:GetObject'],
        Resource: under.map((pattern) => `${arn}/${pattern}`),
      },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: arn,
        Condition: { StringLike: { 's3:prefix': under } },
      },
    ],
  };
  const size = JSON.stringify(document).length;
  if (size > longestSessionPolicy) {
    throw new Error(
      `Cannot write a session policy for ${prefixes.length} prefixes of bucket "${bucket}": it has ${size} characters, and STS accepts ${longestSessionPolicy}`,
    );
  }
  return document;
}
