import type { IamView } from './access/iam-view.ts';
import type { KeyUses } from './access/key-uses.ts';
import type { PolicyCache } from './access/policy-cache.ts';
import type { SandboxAccount } from './accounts.ts';
import type { Clock } from './clock.ts';
import type { History, RequestRecord } from './control/history.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { Incoming } from './http/incoming.ts';
import type { Organization } from './organization/organization.ts';
import type { DigestThreads } from './s3/checksums/digest-threads.ts';
import type { VersionIds } from './s3/versions/version-ids.ts';
import type { QueueBells } from './sqs/queue-bells.ts';
import type { Blobs } from './state/blobs.ts';
import type { Slabs } from './state/slabs.ts';
import type { State } from './state/state.ts';
import type { IssuerKeys } from './sts/web-identity/issuer-keys.ts';

/** What every service works on. */
export interface World {
  readonly accounts: readonly SandboxAccount[];
  readonly state: State;
  readonly blobs: Blobs;
  readonly versionIds: VersionIds;
  readonly slabs: Slabs;
  readonly digestThreads: DigestThreads;
  readonly policies: PolicyCache;
  /** What authorization knows of IAM. */
  readonly iam: IamView;
  readonly keyUses: KeyUses;
  readonly organization: Organization;
  /** What identity providers sign their tokens with. */
  readonly issuerKeys: IssuerKeys;
  readonly faults: FaultPlan;
  readonly history: History;
  readonly clock: Clock;
  readonly queueBells: QueueBells;
  /** What {@link clock} shows. */
  readonly now: () => Date;
  /** Whether requests count as TLS, though they come over plain HTTP. */
  readonly secureTransport: boolean;
}

/** One request on its way through a service. */
export interface Call {
  readonly incoming: Incoming;
  /** The request id of the answer. */
  readonly id: string;
  readonly record: RequestRecord;
  /** Aborted when the client goes away before it has its answer. */
  readonly clientGone: AbortSignal;
}
