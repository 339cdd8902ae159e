/**
 * The words of this package, shared by parse, evaluate and generate.
 *
 * Names are those of the IAM User Guide. A case and a decision have the JSON
 * shape that `causeway policy evaluate` reads and writes.
 */

/** A policy that passed `parsePolicy`: compiled once, evaluated many times. */
export interface Policy {
  /** Shown in decisions: an ARN, a file name, or the kind, such as "resource policy". */
  readonly name: string;
  readonly version: '2012-10-17' | '2008-10-17';
  readonly id?: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid: string | null;
  readonly effect: 'Allow' | 'Deny';
  readonly principal?: PrincipalElement;
  readonly action: { readonly not: boolean; readonly patterns: readonly string[] };
  /** Absent in trust policies, where the resource is the role itself. */
  readonly resource?: { readonly not: boolean; readonly patterns: readonly string[] };
  readonly conditions: readonly Condition[];
}

export interface PrincipalElement {
  readonly not: boolean;
  /**
   * `"*"` is written as `{ AWS: ["*"] }` with `anyone` true: services and identity
   * providers are meant too. A written `{ "AWS": "*" }` has `anyone` false.
   */
  readonly anyone: boolean;
  readonly aws: readonly string[];
  readonly service: readonly string[];
  readonly federated: readonly string[];
  readonly canonicalUser: readonly string[];
}

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface AccessRequest {
  /** The caller: a user, role-session (`arn:aws:sts::A:assumed-role/R/S`), root or federated ARN; `"*"` is anonymous. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  /**
   * Condition keys in any letter case; a list for multivalued keys, and an empty
   * list counts as absent. What the other fields already say (`aws:PrincipalArn`,
   * `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:PrincipalIsAWSService`,
   * `aws:username`, `aws:ResourceAccount`, `s3:ResourceAccount`, `kms:CallerAccount`) is filled in when absent; every
   * other absent key is absent. An assumed-role ARN has no path: give the role's
   * ARN as `aws:PrincipalArn` when the role has one.
   */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** The canonical user ID of the caller's account, for policies that name one. */
  readonly canonicalUserId?: string;
}

/** What applies to a request. Absent means none is attached. */
export interface PolicySet {
  readonly identityPolicies?: readonly Policy[];
  readonly resourcePolicy?: Policy | null;
  /** One list entry per session policy passed; absent or empty: an unrestricted session. */
  readonly sessionPolicies?: readonly Policy[];
  readonly permissionsBoundary?: Policy | null;
  /** Outer list: levels (root, units, account); inner: policies attached at that level. */
  readonly serviceControlPolicies?: readonly (readonly Policy[])[];
  readonly resourceControlPolicies?: readonly (readonly Policy[])[];
  /**
   * Of the VPC endpoint the request came through; absent or empty: it came through none. They must
   * allow. A gateway endpoint takes no principal but `*`; narrow it by `aws:PrincipalArn`.
   */
  readonly vpcEndpointPolicies?: readonly Policy[];
  /** Settings of the bucket and the object, for requests to S3. */
  readonly s3?: S3Settings;
}

/**
 * What S3 decides by beside policies.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
 */
export interface S3Settings {
  /** The bucket's and its account's together: a setting of either counts. */
  readonly publicAccessBlock?: PublicAccessBlock;
  /** The account that owns the object; absent: the bucket's. Without effect while ownership is enforced. */
  readonly objectOwner?: string;
  /** Absent: `BucketOwnerEnforced`, as in every bucket that is made without saying otherwise. */
  readonly ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
  /**
   * The access control list of what the action works on: the object's for actions on an
   * object that exists, the bucket's for actions on the bucket and for writing and deleting.
   */
  readonly acl?: readonly AclGrant[];
}

export interface PublicAccessBlock {
  readonly blockPublicAcls?: boolean;
  readonly ignorePublicAcls?: boolean;
  /** Decides about `PutBucketPolicy` by the policy in its body, which a request does not show: see `isPublicPolicy`. */
  readonly blockPublicPolicy?: boolean;
  readonly restrictPublicBuckets?: boolean;
}

export interface AclGrant {
  readonly grantee:
    | { readonly canonicalUser: string }
    | { readonly account: string }
    | { readonly group: 'AllUsers' | 'AuthenticatedUsers' };
  readonly permission: AclPermission;
}

export type AclPermission = 'FULL_CONTROL' | 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP';

/** What a document is attached as. It decides which elements are allowed and how long it may be. */
export type PolicyKind =
  | 'identity'
  | 'resource'
  | 'trust'
  | 'session'
  | 'boundary'
  | 'service-control'
  | 'resource-control'
  | 'endpoint'
  | 'key';

/** A policy as JSON, the way the generators write it: ready for `JSON.stringify`. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly StatementDocument[];
}

export interface StatementDocument {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

export type PolicyType =
  | 'identity-based'
  | 'resource-based'
  | 'session'
  | 'permissions boundary'
  | 'service control'
  | 'resource control'
  | 'role trust'
  | 'VPC endpoint'
  | 'public access block'
  | 'access control list';

export interface Decision {
  /** A refusal by S3's public access block counts as explicit, though no statement says so. */
  readonly decision: 'allowed' | 'implicit_deny' | 'explicit_deny';
  /** One sentence for the person who must fix it. */
  readonly because: string;
  /** The type of policy, or of S3's settings, that settled a refusal, for AWS's enhanced 403 text. */
  readonly deniedBy?: PolicyType;
  readonly statements: readonly {
    readonly policy: string;
    readonly sid: string | null;
    readonly effect: 'Allow' | 'Deny';
  }[];
}
