import { type Policy, type PolicyKind, PolicySyntaxError, parsePolicy } from '@causeway/policy';
import { checkPrincipals } from '../access/check-principals.ts';
import { principalIds } from '../access/named-principals.ts';
import { AwsError } from '../http/aws-error.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { RoleRecord } from '../state/records.ts';
import { limitExceeded } from './iam-operation.ts';

/**
 * Reads a policy document from a parameter.
 *
 * @throws AwsError `MalformedPolicyDocument` in the parser's words.
 */
export function readDocument(request: QueryRequest, parameter: string, type: PolicyKind): string {
  return read(request, parameter, type).document;
}

/** Twice as long on request, which the sandbox does not hear. Spaces do not count. */
const maxTrustLength = 2048;

/**
 * Reads a trust policy, and whom it means by the names in it.
 *
 * @throws AwsError `MalformedPolicyDocument`, also for a principal that does not exist,
 * or `LimitExceeded`.
 */
export function readTrustPolicy(
  request: QueryRequest,
  parameter: string,
): Pick<RoleRecord, 'trustPolicy' | 'trustedIds'> {
  const length = (request.parameters.get(parameter) ?? '').replace(/\s/g, '').length;
  if (length > maxTrustLength) throw limitExceeded('ACLSizePerRole', maxTrustLength);
  const { document, policy } = read(request, parameter, 'trust');
  const unknown = checkPrincipals(policy, request.world);
  if (unknown !== null) throw malformed(`Invalid principal in policy: "AWS":"${unknown}"`);
  return { trustPolicy: document, trustedIds: principalIds(policy, request.world.iam) };
}

/** @throws AwsError `MalformedPolicyDocument` */
export function parseDocument(document: string, type: PolicyKind, name = 'policy'): Policy {
  try {
    return parsePolicy(document, { name, type });
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw malformed(error.message);
    throw error;
  }
}

function read(
  { parameters }: QueryRequest,
  parameter: string,
  type: PolicyKind,
): { readonly document: string; readonly policy: Policy } {
  const document = parameters.text(parameter, { min: 1, max: 131_072 });
  return { document, policy: parseDocument(document, type, parameter) };
}

function malformed(message: string): AwsError {
  return new AwsError(400, 'MalformedPolicyDocument', message);
}
