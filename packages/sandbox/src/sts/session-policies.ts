import { PolicySyntaxError, parsePolicy } from '@causeway/policy';
import { managedDocument } from '../access/policies-of.ts';
import { AwsError } from '../http/aws-error.ts';
import type { QueryRequest } from '../query/query-operation.ts';

const maxPolicyLength = 2048;

/**
 * The policies that narrow a new session: `Policy` and `PolicyArns`.
 *
 * @throws AwsError `MalformedPolicyDocument`, `ValidationError` or `NoSuchEntity`.
 */
export function readSessionPolicies({ parameters, world }: QueryRequest): string[] {
  const inline = parameters.optionalText('Policy', { min: 1, max: maxPolicyLength });
  if (inline !== null) checkPolicy(inline);
  const attached = parameters.list('PolicyArns', 'arn').map((arn) => {
    const document = managedDocument(arn, world.iam);
    if (document !== null) return document;
    throw new AwsError(404, 'NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`);
  });
  return [...(inline === null ? [] : [inline]), ...attached];
}

function checkPolicy(document: string): void {
  try {
    parsePolicy(document, { name: 'session policy', type: 'session' });
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    throw new AwsError(400, 'MalformedPolicyDocument', error.message);
  }
}
