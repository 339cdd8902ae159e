import type { AccessRequest, Decision, PolicyType, S3Settings } from '../model.ts';
import type { JsonPatch } from './json-patch.ts';

/** A policy as its author has it: an object, or the text of one. */
export interface NamedDocument {
  /** Shown in sentences: an ARN, a file name, or what the policy is. */
  readonly name: string;
  readonly document: string | object;
}

/** What applies to a request, as documents: a change can only be written for these. Compare `PolicySet`. */
export interface DocumentSet {
  readonly identityPolicies?: readonly NamedDocument[];
  readonly resourcePolicy?: NamedDocument | null;
  readonly sessionPolicies?: readonly NamedDocument[];
  readonly permissionsBoundary?: NamedDocument | null;
  readonly serviceControlPolicies?: readonly (readonly NamedDocument[])[];
  readonly resourceControlPolicies?: readonly (readonly NamedDocument[])[];
  readonly vpcEndpointPolicies?: readonly NamedDocument[];
  readonly s3?: S3Settings;
}

/** What one type of policy, or one level of an organization, had to say. */
export interface Reason {
  readonly type: PolicyType;
  /** Which level of the organization, from 1, for service control policies. */
  readonly level?: number;
  readonly says: 'allows' | 'denies' | 'nothing';
  /** Whether the decision would be another without it: what says nothing need not matter. */
  readonly counts: boolean;
  /** What it says, and why that counts or not. */
  readonly sentence: string;
}

export interface Explanation extends Omit<Decision, 'deniedBy'> {
  /** One for each type of policy that took part. */
  readonly reasons: readonly Reason[];
  /** The smallest change that would allow the request; null if it is allowed already. */
  readonly change: Change | null;
}

export interface Change {
  /**
   * What is to be changed. `nothing`: no change is proposed, and `text` says why, because each
   * would open more than what was asked, or weaken a protection that should stay.
   */
  readonly of: 'policies' | 'request' | 'both' | 'nothing';
  readonly text: string;
  /** One for each document that changes. */
  readonly edits: readonly Edit[];
  /** Condition keys that the request must have with other values; null: must not have. */
  readonly context: Readonly<Record<string, string | null>>;
  /** Requests around the one that was asked, whose decision stayed the same in the proof. */
  readonly unchanged: readonly Probe[];
}

/** A change of one document. */
export interface Edit {
  /** Its place in the case, such as `identityPolicies[0]` or `resourcePolicy`. */
  readonly document: string;
  readonly type: PolicyType;
  readonly name: string;
  /** The statement that is changed, such as `statement "Write"`; null for a new one, or for several. */
  readonly statement: string | null;
  /** RFC 6902, for the document as it was given. An `add` at "" writes one where there is none. */
  readonly patch: JsonPatch;
  /** Imperative sentences, one for each place that changes. */
  readonly text: string;
}

export interface Probe {
  /** What is different, such as "another principal of the account". */
  readonly what: string;
  readonly request: AccessRequest;
  readonly decision: Decision['decision'];
}
