import type { PrincipalIds, Tags } from './records.ts';

export interface QueueRecord {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly createdAt: string;
  readonly modifiedAt: string;
  /** Those that were set, by AWS's names and in its spelling. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly policyPrincipalIds?: PrincipalIds;
  readonly tags: Tags;
  readonly purgedAt: string | null;
}

export interface MessageAttribute {
  readonly dataType: string;
  /** Exactly one of the two is there; what is binary is in Base64. */
  readonly text?: string;
  readonly binary?: string;
}

export interface MessageRecord {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly traceHeader: string | null;
  readonly senderId: string;
  readonly sentAt: string;
  /** Until then nobody receives it: it is delayed, or in flight. */
  readonly visibleAt: string;
  readonly receiveCount: number;
  readonly firstReceivedAt: string | null;
  /** What the last receiver must show to delete it; null while nobody has it. */
  readonly receipt: string | null;
  /** The queue that gave it up, for messages of a dead-letter queue. */
  readonly deadLetterSource: string | null;
}
