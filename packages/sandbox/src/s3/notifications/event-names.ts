/**
 * Events by the names that a configuration gives them, and whether they ever
 * happen here.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
const happen: ReadonlySet<string> = new Set([
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectTagging:*',
  's3:ObjectTagging:Put',
  's3:ObjectTagging:Delete',
  's3:LifecycleExpiration:*',
  's3:LifecycleExpiration:Delete',
  's3:LifecycleExpiration:DeleteMarkerCreated',
  's3:LifecycleTransition',
]);

const neverHappen: ReadonlySet<string> = new Set([
  's3:ReducedRedundancyLostObject',
  's3:ObjectRestore:*',
  's3:ObjectRestore:Post',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:Replication:*',
  's3:Replication:OperationFailedReplication',
  's3:Replication:OperationMissedThreshold',
  's3:Replication:OperationReplicatedAfterThreshold',
  's3:Replication:OperationNotTracked',
  's3:IntelligentTiering',
  's3:ObjectAcl:Put',
]);

export function eventStanding(name: string): 'happens' | 'never_happens' | 'unknown' {
  if (happen.has(name)) return 'happens';
  return neverHappen.has(name) ? 'never_happens' : 'unknown';
}

/** Whether a name of a configuration, which may end in a wildcard, means an event. */
export function meansEvent(configured: string, event: string): boolean {
  return configured.endsWith(':*')
    ? event.startsWith(configured.slice(0, -1))
    : configured === event;
}

export function shareAnEvent(one: string, other: string): boolean {
  return one === other || meansEvent(one, other) || meansEvent(other, one);
}
