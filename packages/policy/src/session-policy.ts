import type { PolicyDocument } from './model.ts';
import { bucketArn, literalPattern } from './pattern-text.ts';
import { type PolicyCapability, writeActions } from './permissions-policy.ts';

export interface SessionPolicyInput {
  readonly bucket: string;
  /**
   * What the keys of this run begin with. Each is taken as it is: end it in `/` to
   * mean a folder. An empty one stands for the whole bucket.
   */
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
 * @throws Error if the text would be longer than STS accepts, naming its size: fewer or
 * shorter prefixes help. Also if no prefix or no capability is given.
 */
export function sessionPolicy(input: SessionPolicyInput): PolicyDocument {
  const { bucket, prefixes, capabilities, partition = 'aws' } = input;
  if (capabilities.length === 0) throw new Error('Cannot write a policy without a capability');
  if (prefixes.length === 0) throw new Error('Cannot write a session policy without a prefix');
  const arn = bucketArn(partition, bucket);
  const under = withoutCovered(prefixes).map((prefix) => `${literalPattern(prefix)}*`);
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
        // A list of the whole bucket may leave the parameter out, which no condition on it would pass.
        ...(prefixes.includes('') ? {} : { Condition: { StringLike: { 's3:prefix': under } } }),
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

/** Leaves out what another prefix already contains: each costs characters. */
function withoutCovered(prefixes: readonly string[]): readonly string[] {
  const unique = [...new Set(prefixes)];
  return unique.filter(
    (prefix) => !unique.some((other) => other !== prefix && prefix.startsWith(other)),
  );
}
