/** IAM documents: parse, evaluate, generate. Browser-safe, without dependencies. */

export {
  type S3Call,
  type S3Operation,
  type S3Permission,
  s3Permissions,
} from './actions/s3-permissions.ts';
export { evaluate } from './evaluate/evaluate.ts';
export { type EvaluateCaseOptions, evaluateCase } from './evaluate/evaluate-case.ts';
export { isPublicPolicy } from './evaluate/is-public-policy.ts';
export { matchesPattern } from './evaluate/matches-pattern.ts';
export { explain } from './explain/explain.ts';
export { explainCase } from './explain/explain-case.ts';
export type {
  Change,
  DocumentSet,
  Edit,
  Explanation,
  NamedDocument,
  Probe,
  Reason,
} from './explain/explanation.ts';
export { applyJsonPatch, type JsonPatch, type JsonPatchOperation } from './explain/json-patch.ts';
export {
  type AccessDocument,
  type AccessInput,
  type AccessMethod,
  accessDocuments,
  accessMethods,
} from './generate/access-documents.ts';
export {
  type AssumeRolePolicyInput,
  assumeManagedRolePolicy,
  assumeRolePolicy,
} from './generate/assume-role-policy.ts';
export {
  type CorsConfiguration,
  type CorsRule,
  corsConfiguration,
  type LifecycleConfiguration,
  type LifecycleRule,
  lifecycleConfiguration,
} from './generate/bucket-settings.ts';
export {
  type CustomerBucketPolicyInput,
  customerBucketPolicy,
} from './generate/customer-bucket-policy.ts';
export { customerKeyPolicy, type KeyUsers, managedKeyPolicy } from './generate/key-policy.ts';
export {
  type ManagedBucketInput,
  type ManagedBucketPolicyInput,
  type ManagedRoleTrustPolicyInput,
  managedAccessPolicy,
  managedBucketPolicy,
  managedFolders,
  managedRoleTrustPolicy,
} from './generate/managed-bucket.ts';
export {
  type ManagedOperatorPolicyInput,
  managedOperatorPolicy,
} from './generate/managed-operator-policy.ts';
export { type Merged, mergeBucketPolicy, mergeKeyPolicy } from './generate/merge-policy.ts';
export { mergeCors, mergeLifecycle } from './generate/merge-settings.ts';
export {
  type PermissionsPolicyInput,
  permissionsBoundary,
  permissionsPolicy,
} from './generate/permissions-policy.ts';
export { PolicyInputError } from './generate/policy-input-error.ts';
export {
  longestSessionPolicy,
  removalSessionPolicy,
  type SessionPolicyInput,
  sessionPolicy,
} from './generate/session-policy.ts';
export type { PlaceInput, PolicyCapability } from './generate/statements.ts';
export { type TrustPolicyInput, trustPolicy } from './generate/trust-policy.ts';
export {
  type WebIdentityTrustPolicyInput,
  webIdentityTrustPolicy,
} from './generate/web-identity-trust-policy.ts';
export type { Finding, LintContext, LintOptions, Severity } from './lint/finding.ts';
export { lint, lintRules } from './lint/lint.ts';
export type { LintRule } from './lint/lint-rule.ts';
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
export { type CachingParserOptions, cachingParser } from './parse/caching-parser.ts';
export { type ParsePolicyOptions, parsePolicy } from './parse/parse-policy.ts';
export { PolicySyntaxError } from './parse/policy-syntax-error.ts';
