import type { PolicyDocument } from '../model.ts';
import { PolicyInputError } from './policy-input-error.ts';
import { customerReach, type PlaceInput, reachStatements } from './statements.ts';

export interface PermissionsPolicyInput extends PlaceInput {
  /**
   * Also lets the caller see the names of all buckets of the account, which the
   * console and some tools want. It is `s3:ListAllMyBuckets`, often confused with
   * `s3:ListBucket`, and nothing here needs it.
   */
  readonly listAllMyBuckets?: boolean;
}

/**
 * The permissions of a customer's role, or of a user with access keys: what the
 * capabilities need under the prefix, and nothing else. No delete unless deliveries
 * overwrite, no tag and no ACL unless they are written, no setting of the bucket.
 *
 * @throws PolicyInputError
 */
export function permissionsPolicy(input: PermissionsPolicyInput): PolicyDocument {
  const statements = reachStatements(customerReach(input));
  if (!input.listAllMyBuckets) return { Version: '2012-10-17', Statement: statements };
  const names = {
    Sid: 'ListBucketNames',
    Effect: 'Allow',
    Action: 's3:ListAllMyBuckets',
    Resource: '*',
  } as const;
  return { Version: '2012-10-17', Statement: [...statements, names] };
}

/** The quota of a managed policy, spaces not counted. */
const longestBoundary = 6144;

/**
 * A permissions boundary for the role or user: whatever else is attached to it
 * later, it may never do more than the connection needs.
 *
 * A boundary must be a managed policy. It does not limit what a bucket policy
 * grants to a user's own ARN or to one session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 *
 * @throws PolicyInputError
 */
export function permissionsBoundary(input: PlaceInput): PolicyDocument {
  const document = permissionsPolicy(input);
  const size = JSON.stringify(document).length;
  if (size <= longestBoundary) return document;
  throw new PolicyInputError(
    'prefix',
    `makes a boundary of ${size} characters, and AWS accepts ${longestBoundary}`,
    'Give a shorter prefix',
  );
}
