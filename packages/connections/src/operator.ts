/** What the operator is, as its customers' policies see it. */
export interface Operator {
  readonly accountId: string;
  /** The user or role that assumes the customers' roles; never a session ARN. */
  readonly principalArn: string;
  /** Where managed buckets are made. */
  readonly region: string;
  /** Its account must not be asked for, see `operatorWithoutAccount`. */
  readonly withoutAccount?: true;
}
