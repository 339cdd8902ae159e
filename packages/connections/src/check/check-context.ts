import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { STSClient } from '@aws-sdk/client-sts';
import type {
  CheckStep,
  CheckStepId,
  Connection,
  ConnectionBy,
  PlacedConnection,
  StoreGuarantees,
} from '@causeway/contract';
import type { CredentialSource } from '@causeway/objectstore';
import type { Operator } from '../operator.ts';
import { partitionOfArn } from '../partition-of-arn.ts';
import type { Attempt, Refused } from './attempt.ts';
import type { CheckDeps } from './check-deps.ts';
import type { ExpectedDocuments } from './expected-documents.ts';

/** What one step of a check found. */
export type Finding = Omit<CheckStep, 'id' | 'title' | 'durationMs'>;

export type Fix = NonNullable<CheckStep['fix']>;

/**
 * A step of a check. Steps are taken side by side, each as soon as those it needs have
 * passed; a report shows them in the order of `checkStepIds` whatever their timing.
 */
export interface CheckStepDefinition {
  readonly id: CheckStepId;
  readonly title: string;
  /**
   * Steps whose result it uses: it starts when they have passed or warned, and is skipped
   * when one has failed. `session` is the step of the access that sets `context.session`.
   */
  readonly after: readonly (CheckStepId | 'session')[];
  /**
   * Steps whose failure makes this one's finding meaningless. It does not wait for them to
   * start; its own finding is withheld when one of them has failed.
   */
  readonly mootIfFailed?: readonly CheckStepId[];
  /** Proves that something is refused: when that is let in, the connection is `insecure`. */
  readonly provesRefusal?: boolean;
  /** Whether a connection has the step at all. By default all have. */
  readonly appliesTo?: (connection: PlacedConnection, operator: Operator) => boolean;
  readonly run: (context: CheckContext) => Promise<Finding>;
}

/**
 * What an access contributes to a check: who we are, how we get credentials, and the
 * proofs that nobody else gets them. The steps on bucket and objects are common to all.
 */
export interface AccessSteps {
  readonly steps: readonly CheckStepDefinition[];
  /** The step that sets `context.session`. */
  readonly session: CheckStepId;
  /** Whose permissions are proved, as far as that is known before the check. */
  readonly principal: (connection: PlacedConnection, deps: CheckDeps) => CheckedPrincipal;
  /** What it means that STS refuses a session; absent where none is asked for. */
  readonly refusedSession?: (context: CheckContext, answer: Refused) => Finding;
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
  readonly deps: CheckDeps;
  /** Who is let in on the customer's side. A step that learns it better says so here. */
  principal: CheckedPrincipal;
  /** The documents of a setup that follows the guide. */
  readonly documents: ExpectedDocuments;
  /** Marks what this check leaves for a moment in the bucket. */
  readonly probeId: string;
  /** With the operator's own credentials unless others are given. */
  readonly sts: (credentials?: CredentialSource) => STSClient;
  /** Without credentials its requests are not signed. */
  readonly s3: (credentials: CredentialSource | undefined, region: string) => S3Client;
  /** Asks again, with growing pauses, while the answer may only mean that IAM is still spreading a change. */
  readonly untilSpread: <T>(
    ask: () => Promise<Attempt<T>>,
    settled: (answer: Attempt<T>) => boolean,
  ) => Promise<Attempt<T>>;
  /** What the access gave: the credentials of the steps on bucket and objects. */
  session?: CredentialSource;
  region?: string;
  /** Whose key it is, as STS says. */
  identity?: { readonly arn: string; readonly accountId: string };
  /** What an S3-compatible store was seen to do. */
  storeCapabilities?: StoreGuarantees;
  /** What listing the prefix gave, with the owner named. */
  listing?: Attempt<ListObjectsV2CommandOutput>;
}

/** The credentials that the access gave; steps that need them come after `session`. */
export function sessionOf(context: CheckContext): CredentialSource {
  if (!context.session) throw new Error('Cannot take a step before there are credentials');
  return context.session;
}

/** An S3 client with the credentials of the access in the bucket's region. */
export function bucketClient(context: CheckContext): S3Client {
  return context.s3(sessionOf(context), context.region ?? 'us-east-1');
}

/** The bucket as policies of this partition name it. */
export function bucketArn({ connection, principal }: CheckContext): string {
  return `arn:${partitionOfArn(principal.arn)}:s3:::${connection.bucket}`;
}

/** The connection of steps that only connections by one access have. */
export function connectionBy<A extends Connection['access']>(
  { connection }: CheckContext,
  access: A,
): ConnectionBy<A> {
  if (connection.access !== access) throw new Error(`Cannot take a step of ${access} without one`);
  return connection as ConnectionBy<A>;
}

/** What every S3 call of a check names: the bucket, and who must own it. */
export function bucketOf({ connection: { bucket, accountId } }: CheckContext) {
  return { Bucket: bucket, ...(accountId !== null && { ExpectedBucketOwner: accountId }) };
}
