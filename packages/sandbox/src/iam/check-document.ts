import { type PolicyKind, PolicySyntaxError, parsePolicy } from '@causeway/policy';
import { checkPrincipals } from '../access/check-principals.ts';
import { AwsError } from '../http/aws-error.ts';
import type { QueryRequest } from '../query/query-operation.ts';

/**
 * Reads a policy document from a parameter.
 *
 * @throws AwsError `MalformedPolicyDocument` in the parser's words, or for a principal that does not exist.
 */
export function readDocument(
  { parameters, world }: QueryRequest,
  parameter: string,
  type: PolicyKind,
): string {
  const document = parameters.text(parameter, { min: 1, max: 131_072 });
  try {
    const policy = parsePolicy(document, { name: parameter, type });
    const unknown = type === 'trust' ? checkPrincipals(policy, world) : null;
    if (unknown !== null) throw malformed(`Invalid principal in policy: "AWS":"${unknown}"`);
    return document;
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw malformed(error.message);
    throw error;
  }
}

function malformed(message: string): AwsError {
  return new AwsError(400, 'MalformedPolicyDocument', message);
}
