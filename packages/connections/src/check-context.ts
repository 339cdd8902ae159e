import type { S3Client } from '@aws-sdk/client-s3';
import type { STSClient } from '@aws-sdk/client-sts';
import type {
  CheckStep,
  CheckStepId,
  ConnectionBy,
  PlacedConnection,
  SetupGuide,
} from '@causeway/contract';
import type { Attempt } from './attempt.ts';

/** What one step of a check found. */
export type Finding = Omit<CheckStep, 'id' | 'title' | 'durationMs'>;

export type Fix = NonNullable<CheckStep['fix']>;

export interface CheckStepDefinition {
  readonly id: CheckStepId;
  readonly title: string;
  /** Steps that must not have failed; otherwise this one is skipped. */
  readonly after: readonly CheckStepId[];
  readonly run: (context: CheckContext) => Promise<Finding>;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The role or user whose permissions are proved. */
export interface CheckedPrincipal {
  /** As messages name it, such as `role "causeway-x"`. */
  readonly noun: string;
  readonly arn: string;
}

/** What the steps of one check share: the question, the clients, and what earlier steps learned. */
export interface CheckContext {
  readonly connection: PlacedConnection;
  /** Who is let in on the customer's side. */
  readonly principal: CheckedPrincipal;
  readonly operatorAccountId: string;
  readonly guide: SetupGuide;
  /** Marks what this check leaves for a moment in the bucket. */
  readonly probeId: string;
  readonly sts: (credentials?: SessionCredentials) => STSClient;
  readonly s3: (credentials: SessionCredentials, region: string) => S3Client;
  /** Asks again, with growing pauses, while the answer may only mean that IAM is still spreading a change. */
  readonly untilSpread: <T>(
    ask: () => Promise<Attempt<T>>,
    settled: (answer: Attempt<T>) => boolean,
  ) => Promise<Attempt<T>>;
  session?: SessionCredentials;
  region?: string;
  listingAllowed?: boolean;
}

/** The session of the positive AssumeRole; steps that need it come after `role.assume`. */
export function sessionOf(context: CheckContext): SessionCredentials {
  if (!context.session) throw new Error('Cannot take a step before the role is assumed');
  return context.session;
}

/** An S3 client with the customer's session in the bucket's region. */
export function bucketClient(context: CheckContext): S3Client {
  return context.s3(sessionOf(context), context.region ?? 'us-east-1');
}

/** The bucket as policies of this partition name it. */
export function bucketArn({ connection, principal }: CheckContext): string {
  return `arn:${principal.arn.split(':')[1] ?? 'aws'}:s3:::${connection.bucket}`;
}

/** The connection of steps that only connections by a role have. */
export function roleOf({ connection }: CheckContext): ConnectionBy<'role'> {
  if (connection.access !== 'role') throw new Error('Cannot take a step of roles without one');
  return connection;
}

/** What every S3 call of a check names: the bucket, and who must own it. */
export function bucketOf(context: CheckContext) {
  const { accountId } = context.connection;
  return {
    Bucket: context.connection.bucket,
    ...(accountId !== null && { ExpectedBucketOwner: accountId }),
  };
}
