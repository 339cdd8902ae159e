/** Which events of a bucket go to which queue. */
export interface NotificationRule {
  readonly id: string;
  readonly queueArn: string;
  /** Such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  /** Both ends of the keys that are meant; empty for all keys. */
  readonly filter: readonly { readonly name: 'Prefix' | 'Suffix'; readonly value: string }[];
}
