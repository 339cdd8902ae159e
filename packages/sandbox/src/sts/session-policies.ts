import { PolicySyntaxError, parsePolicy } from '@causeway/policy';
import { managedDocument } from '../access/policies-of.ts';
import { AwsError } from '../http/aws-error.ts';
import { constraintBroken } from '../query/parameters.ts';
import type { QueryRequest } from '../query/query-operation.ts';

const maxPolicyLength = 2048;
const maxArns = 10;

/**
 * The policies that narrow a new session of `accountId`: `Policy` and `PolicyArns`.
 *
 * @throws AwsError `MalformedPolicyDocument`, `ValidationError` or `NoSuchEntity`.
 */
export function readSessionPolicies(
  { parameters, world }: QueryRequest,
  accountId: string,
): string[] {
  const inline = parameters.optionalText('Policy', { min: 1, max: maxPolicyLength });
  if (inline !== null) checkPolicy(inline);
  const arns = parameters.list('PolicyArns', 'arn');
  if (arns.length > maxArns) {
    const rule = `Member must have length less than or equal to ${maxArns}`;
    throw constraintBroken(`${arns.length} ARNs`, 'PolicyArns', rule);
  }
  const attached = arns.map((arn) => {
    const isReachable = ['aws', accountId].includes(arn.split(':')[4] ?? '');
    const document = isReachable ? managedDocument(arn, world.iam) : null;
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
