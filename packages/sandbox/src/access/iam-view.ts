import type {
  AccessKeyRecord,
  GroupRecord,
  ManagedPolicyRecord,
  OidcProviderRecord,
  RoleRecord,
  UserRecord,
} from '../state/records.ts';
import type { State } from '../state/state.ts';
import type { Table } from '../state/table.ts';

/** Longer than any spreading that was ever seen: more would be a mistake of units. */
export const maxIamDelaySeconds = 3600;

/**
 * IAM as authorization sees it: users, roles, keys and policies as they were some
 * seconds ago.
 *
 * IAM is eventually consistent. Its own calls show every change at once; the rest
 * of AWS acts on what has spread to it. With a delay of 0, the default, both are
 * the same. A change spreads by the sandbox's clock and keeps the delay that held
 * when it was made; a restart of the sandbox spreads everything.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
 */
export class IamView {
  readonly users: SpreadingTable<UserRecord>;
  readonly groups: SpreadingTable<GroupRecord>;
  readonly accessKeys: SpreadingTable<AccessKeyRecord>;
  readonly roles: SpreadingTable<RoleRecord>;
  readonly managedPolicies: SpreadingTable<ManagedPolicyRecord>;
  readonly oidcProviders: SpreadingTable<OidcProviderRecord>;
  readonly #tables: ReadonlyMap<string, SpreadingTable<unknown>>;
  #delaySeconds: number;

  constructor(state: State, now: () => Date, delaySeconds = 0) {
    this.#delaySeconds = delaySeconds;
    this.users = new SpreadingTable(state.users, now);
    this.groups = new SpreadingTable(state.groups, now);
    this.accessKeys = new SpreadingTable(state.accessKeys, now);
    this.roles = new SpreadingTable(state.roles, now);
    this.managedPolicies = new SpreadingTable(state.managedPolicies, now);
    this.oidcProviders = new SpreadingTable(state.oidcProviders, now);
    const { users, groups, accessKeys, roles, managedPolicies, oidcProviders } = this;
    this.#tables = new Map(
      [users, groups, accessKeys, roles, managedPolicies, oidcProviders].map((table) => [
        table.name,
        table,
      ]),
    );
    state.watch(({ table, key }) => {
      if (this.#delaySeconds > 0) this.#tables.get(table)?.keep(key, this.#delaySeconds);
    });
  }

  get delaySeconds(): number {
    return this.#delaySeconds;
  }

  /** For changes from now on; 0 also spreads at once what is on its way. */
  setDelay(seconds: number): void {
    this.#delaySeconds = seconds;
    if (seconds > 0) return;
    for (const table of this.#tables.values()) table.spreadAll();
  }
}

interface Earlier<T> {
  readonly value: T | undefined;
  /** When the change that replaced it has spread. */
  readonly until: number;
}

/** One of the tables of IAM, seen late. */
class SpreadingTable<T> {
  readonly #table: Table<T>;
  readonly #now: () => Date;
  /** What was replaced by changes that have not spread yet, oldest first. */
  readonly #earlier = new Map<string, readonly Earlier<T>[]>();

  constructor(table: Table<T>, now: () => Date) {
    this.#table = table;
    this.#now = now;
  }

  get name(): string {
    return this.#table.name;
  }

  get(key: string): T | undefined {
    const [seen] = this.#unspread(key);
    return seen ? seen.value : this.#table.get(key);
  }

  /** Keeps the present value in sight until the change that is about to replace it has spread. */
  keep(key: string, seconds: number): void {
    const until = this.#now().getTime() + seconds * 1000;
    this.#earlier.set(key, [...this.#unspread(key), { value: this.#table.get(key), until }]);
  }

  spreadAll(): void {
    this.#earlier.clear();
  }

  #unspread(key: string): readonly Earlier<T>[] {
    const known = this.#earlier.get(key);
    if (!known) return [];
    const now = this.#now().getTime();
    const left = known.filter(({ until }) => until > now);
    if (left.length === 0) this.#earlier.delete(key);
    return left;
  }
}
