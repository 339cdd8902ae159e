/** IAM documents: parse, evaluate, generate. Browser-safe, without dependencies. */
export { type AssumeRolePolicyInput, assumeRolePolicy } from './assume-role-policy.ts';
export { evaluate } from './evaluate.ts';
export { evaluateCase } from './evaluate-case.ts';
export { isPublicPolicy } from './is-public-policy.ts';
export { matchesPattern } from './matches-pattern.ts';
export type {
  AccessRequest,
  AclGrant,
  AclPermission,
  Condition,
  Decision,
  Policy,
  PolicyDocument,
  PolicyKind,
  PolicySet,
  PolicyType,
  PrincipalElement,
  PublicAccessBlock,
  S3Settings,
  Statement,
  StatementDocument,
} from './model.ts';
export { type ParsePolicyOptions, parsePolicy } from './parse-policy.ts';
export {
  type PermissionsPolicyInput,
  type PolicyCapability,
  permissionsPolicy,
} from './permissions-policy.ts';
export { PolicySyntaxError } from './policy-syntax-error.ts';
export {
  type S3Call,
  type S3Operation,
  type S3Permission,
  s3Permissions,
} from './s3-permissions.ts';
export { longestSessionPolicy, type SessionPolicyInput, sessionPolicy } from './session-policy.ts';
export { type TrustPolicyInput, trustPolicy } from './trust-policy.ts';
