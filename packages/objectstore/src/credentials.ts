/** AWS credentials; temporary ones carry a session token. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When to ask for others. Without it they are never renewed. */
  readonly expiration?: Date;
}

export interface CredentialProvider {
  (): Promise<AwsCredentials>;
  /** The store has rejected these as expired: the next call must return others. */
  invalidate?(rejected: AwsCredentials): void;
}

/** Fixed credentials, or where to get current ones. */
export type CredentialSource = AwsCredentials | CredentialProvider;
