import { actionsLike, s3ResourceTypes } from '../actions/action-info.ts';
import { type PolicySource, refuse, type StringNode } from './policy-source.ts';

/** A list of an element, and whether it stands in the `Not...` form. */
export interface ElementNodes {
  readonly not: boolean;
  readonly nodes: readonly StringNode[];
}

/**
 * Checks what S3 checks when a policy is put on a bucket: actions that exist, resources
 * in this bucket, and for each action a resource of the statement that it can apply to.
 *
 * @throws PolicySyntaxError with the message of S3
 */
export function checkBucketStatement(
  source: PolicySource,
  bucket: string,
  actions: ElementNodes,
  resources: ElementNodes,
): void {
  for (const node of resources.nodes) {
    if (isOfBucket(node.value, bucket)) continue;
    throw refuse(
      source,
      node,
      `found the resource "${node.value}", which is not of bucket "${bucket}"`,
      `Write "arn:aws:s3:::${bucket}" for the bucket, "arn:aws:s3:::${bucket}/*" for its objects`,
      'Policy has invalid resource',
    );
  }
  const types = new Set(resources.nodes.flatMap(({ value }) => s3ResourceTypes(value)));
  for (const node of actions.nodes) {
    const meant = actionsLike(node.value);
    if (meant === null || meant.length === 0) {
      throw refuse(
        source,
        node,
        `found the action "${node.value}", which S3 does not have`,
        'Write an action of S3, such as "s3:GetObject"',
        'Policy has invalid action',
      );
    }
    // What is left by a Not... form is never nothing.
    if (actions.not || resources.not) continue;
    if (meant.some((action) => action.resourceTypes.some((type) => types.has(type)))) continue;
    throw refuse(
      source,
      node,
      `found the action "${node.value}", which applies to none of the resources of the statement`,
      'Name the bucket itself for actions on the bucket, and "bucket/*" for actions on objects',
      'Action does not apply to any resource(s) in statement',
    );
  }
}

/** `*` alone is not accepted by S3, though it would mean no more than the bucket. */
function isOfBucket(resource: string, bucket: string): boolean {
  const match = /^arn:[^:]*:s3:::(.+)$/s.exec(resource);
  const name = match?.[1] ?? '';
  return name === bucket || (name.startsWith(bucket) && /^[/*]/.test(name.slice(bucket.length)));
}
