/** Where in a document something was found. */
export interface PolicyPosition {
  /** Such as `Statement[0].Condition.StringEquals`; empty for the document itself. */
  readonly path: string;
  /** Counted from 1; only known when the document was given as text. */
  readonly line?: number;
  readonly column?: number;
}

/**
 * A document that is not a policy of its kind, or not one that AWS would accept.
 *
 * The message says what was found, why it is refused and what to do instead.
 */
export class PolicySyntaxError extends Error {
  readonly code = 'malformed_policy';
  /** The name that was given to the document, such as `resource policy` or an ARN. */
  readonly policy: string;
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  /** What is wrong, without the place. */
  readonly found: string;
  /** One imperative sentence. */
  readonly hint: string;
  /** What AWS answers to such a document, where that is known: shorter, and without a place. */
  readonly awsMessage?: string;

  constructor(
    policy: string,
    at: PolicyPosition,
    found: string,
    hint: string,
    awsMessage?: string,
  ) {
    const place = at.path === '' ? '' : ` at ${at.path}`;
    const spot = at.line === undefined ? '' : ` (line ${at.line}, column ${at.column})`;
    super(`Cannot read ${policy}${place}${spot}: ${found}. ${hint}`);
    this.name = 'PolicySyntaxError';
    this.policy = policy;
    this.path = at.path;
    if (at.line !== undefined) this.line = at.line;
    if (at.column !== undefined) this.column = at.column;
    this.found = found;
    this.hint = hint;
    if (awsMessage !== undefined) this.awsMessage = awsMessage;
  }
}
