/** What the operator is, as its customers' policies see it. */
export interface Operator {
  readonly accountId: string;
  /** The user or role that assumes the customers' roles; never a session ARN. */
  readonly principalArn: string;
  /**
   * What the operator moves to, or has just moved from: customers' roles are to let in
   * both, so that the move needs no day on which all of them change. Absent: it stays.
   */
  readonly otherPrincipalArn?: string;
  /** Where managed buckets are made. */
  readonly region: string;
  /** Its account must not be asked for, see `operatorWithoutAccount`. */
  readonly withoutAccount?: true;
}
