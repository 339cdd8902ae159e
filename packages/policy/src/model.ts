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
   * `aws:username`, `aws:ResourceAccount`, `s3:ResourceAccount`) is filled in when absent; every
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
}

/** What a document is attached as. It decides which elements are allowed and how long it may be. */
export type PolicyKind =
  | 'identity'
  | 'resource'
  | 'trust'
  | 'session'
  | 'boundary'
  | 'service-control'
  | 'resource-control';

/** A policy as JSON, the way the generators write it: ready for `JSON.stringify`. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly StatementDocument[];
}

export interface StatementDocument {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: { readonly AWS: string };
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
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
  | 'role trust';

export interface Decision {
  readonly decision: 'allowed' | 'implicit_deny' | 'explicit_deny';
  /** One sentence for the person who must fix it. */
  readonly because: string;
  /** The type of policy that settled a refusal, for AWS's enhanced 403 text. */
  readonly deniedBy?: PolicyType;
  readonly statements: readonly {
    readonly policy: string;
    readonly sid: string | null;
    readonly effect: 'Allow' | 'Deny';
  }[];
}
