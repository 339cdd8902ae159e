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
  /** `"*"` is written as `{ AWS: ["*"] }` with `anyone` true. */
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
  /** Condition keys in any letter case; a list for multivalued keys. Absent keys are absent. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
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
