import type { JsonPatch } from '../explain/json-patch.ts';
import type { PolicyKind } from '../model.ts';

export type Severity = 'error' | 'warning' | 'advice';

/** Something in a document that will surprise its author, or Causeway. */
export interface Finding {
  /** Permanent: texts may be reworded, a code keeps its meaning. */
  readonly code: string;
  /** `error`: it does not do what it says, or opens too much. `warning`: probably. `advice`: it could be better. */
  readonly severity: Severity;
  /** Such as `Statement[0].Resource[1]`. */
  readonly path: string;
  /** Counted from 1; only for documents that were given as text. */
  readonly line?: number;
  readonly column?: number;
  /** Such as `statement "Write"`; null for the document as a whole. */
  readonly statement: string | null;
  /** What was found. */
  readonly message: string;
  /** Why it matters. */
  readonly reason: string;
  /** One imperative sentence. */
  readonly fix: string;
  /** The fix for the document as it was given, where it needs no decision. */
  readonly patch?: JsonPatch;
}

export interface LintOptions {
  readonly type: PolicyKind;
  /** Shown in findings about the document as a whole. */
  readonly name: string;
  readonly context?: LintContext;
}

/** What the document is for. Whatever is known makes the findings more exact. */
export interface LintContext {
  readonly bucket?: string;
  /** Ends in `/`, or is empty for the whole bucket. */
  readonly prefix?: string;
  /** The external ID of the connection; null: it has none on purpose. */
  readonly externalId?: string | null;
  /** The key that encrypts the bucket. */
  readonly kmsKeyArn?: string;
  readonly capability?: 'deliver' | 'ingest' | 'browse';
  /** The account that the document belongs to: its own principals are no outsiders. */
  readonly accountId?: string;
}
