import type { AccountSettingsRecord } from './access-records.ts';
import { ChangeLog } from './change-log.ts';
import type { KmsAliasRecord, KmsKeyRecord } from './kms-records.ts';
import type {
  AccessKeyRecord,
  BucketRecord,
  GroupRecord,
  ManagedPolicyRecord,
  ObjectRecord,
  OidcProviderRecord,
  PartRecord,
  RoleRecord,
  SessionRecord,
  UploadRecord,
  UserRecord,
  VersionRecord,
} from './records.ts';
import type { MessageRecord, QueueRecord } from './sqs-records.ts';
import { type Change, Table } from './table.ts';

/** Rewriting a log shorter than this saves nothing worth having. */
const minChangesToRewrite = 10_000;

/**
 * Everything the sandbox knows but the bytes of objects: tables in memory over a
 * log on disk. Reading and committing are synchronous, so what is checked before
 * a commit still holds in it.
 */
export class State {
  /** By account. */
  readonly accountSettings = new Table<AccountSettingsRecord>('accountSettings');
  /** By `account/name`. */
  readonly users = new Table<UserRecord>('users');
  /** By access key id. */
  readonly accessKeys = new Table<AccessKeyRecord>('accessKeys');
  /** By `account/name`. */
  readonly groups = new Table<GroupRecord>('groups');
  /** By `account/name`. */
  readonly roles = new Table<RoleRecord>('roles');
  /** By ARN. */
  readonly managedPolicies = new Table<ManagedPolicyRecord>('managedPolicies');
  /** By ARN. */
  readonly oidcProviders = new Table<OidcProviderRecord>('oidcProviders');
  /** By access key id. */
  readonly sessions = new Table<SessionRecord>('sessions');
  /** By name. */
  readonly buckets = new Table<BucketRecord>('buckets');
  /** What can be seen without naming a version, by `bucket/key`. */
  readonly objects = new Table<ObjectRecord>('objects');
  /** Older versions and all delete markers, by `bucket/key` and age: see `version-rows.ts`. */
  readonly versions = new Table<VersionRecord>('versions');
  /** By upload id. */
  readonly uploads = new Table<UploadRecord>('uploads');
  /** By `upload id/part number of five digits`. */
  readonly parts = new Table<PartRecord>('parts');
  /** By key id. */
  readonly kmsKeys = new Table<KmsKeyRecord>('kmsKeys');
  /** By `account/region/alias name`. */
  readonly kmsAliases = new Table<KmsAliasRecord>('kmsAliases');
  /** By `account/region/name`. */
  readonly queues = new Table<QueueRecord>('queues');
  /** By the key of their queue and when they were sent: see `queue-messages.ts`. */
  readonly messages = new Table<MessageRecord>('messages');

  readonly #tables: ReadonlyMap<string, Table<unknown>>;
  readonly #log: ChangeLog;
  readonly #watchers: ((change: Change) => void)[] = [];

  constructor(logPath: string) {
    const tables: readonly Table<unknown>[] = [
      this.accountSettings,
      this.users,
      this.groups,
      this.accessKeys,
      this.roles,
      this.managedPolicies,
      this.oidcProviders,
      this.sessions,
      this.buckets,
      this.objects,
      this.versions,
      this.uploads,
      this.parts,
      this.kmsKeys,
      this.kmsAliases,
      this.queues,
      this.messages,
    ] as readonly Table<unknown>[];
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#log = ChangeLog.open(logPath, (change) => this.#tables.get(change.table)?.load(change));
    for (const table of tables) table.endLoading();
    this.#rewriteIfWasteful();
  }

  /** Makes changes durable, all or none, and then visible. */
  commit(...changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.#log.append(changes);
    for (const change of changes) {
      for (const watcher of this.#watchers) watcher(change);
      this.#apply(change);
    }
    this.#rewriteIfWasteful();
  }

  /** Tells `watcher` of each change, just before it becomes visible. */
  watch(watcher: (change: Change) => void): void {
    this.#watchers.push(watcher);
  }

  close(): void {
    this.#log.close();
  }

  #apply(change: Change): void {
    this.#tables.get(change.table)?.apply(change);
  }

  #rewriteIfWasteful(): void {
    if (this.#log.changes < minChangesToRewrite) return;
    let records = 0;
    for (const table of this.#tables.values()) records += table.size;
    if (this.#log.changes > 3 * records) this.#log.rewrite(this.#dump());
  }

  *#dump(): Generator<Change> {
    for (const table of this.#tables.values()) yield* table.dump();
  }
}
