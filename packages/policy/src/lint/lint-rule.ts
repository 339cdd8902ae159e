import type { JsonPatch } from '../explain/json-patch.ts';
import type { PolicyKind } from '../model.ts';
import type { JsonPlace } from '../parse/read-json.ts';
import type { Severity } from './finding.ts';
import type { LintDocument, LintStatement } from './lint-document.ts';

/** One thing to look for. `docs/policy.md` lists them. */
export interface LintRule {
  readonly code: string;
  readonly severity: Severity;
  /** What is looked for, in a few words. */
  readonly finds: string;
  /** Why it matters. */
  readonly reason: string;
  /** The kinds of policies it is for; all if not given. */
  readonly kinds?: readonly PolicyKind[];
  readonly check: (document: LintDocument) => readonly Hit[];
}

/** A place where a rule found something. */
export interface Hit {
  readonly at: JsonPlace;
  readonly statement?: LintStatement;
  readonly message: string;
  readonly fix: string;
  readonly patch?: JsonPatch | null;
}
