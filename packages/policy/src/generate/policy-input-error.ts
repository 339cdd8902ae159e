/**
 * An input from which no policy can be written: a bucket that is none, ARNs of two
 * partitions, an external ID that AWS would refuse.
 *
 * The message says what was found; the hint says what to give instead.
 */
export class PolicyInputError extends Error {
  readonly code = 'invalid_policy_input';
  /** Which input it is, by its name in the function's argument, such as `externalId`. */
  readonly field: string;
  /** One imperative sentence. */
  readonly hint: string;

  constructor(field: string, found: string, hint: string) {
    super(`Cannot write a policy: ${field} ${found}`);
    this.name = 'PolicyInputError';
    this.field = field;
    this.hint = hint;
  }
}
