import type { Policy } from '@causeway/policy';

/** The condition keys that an organization adds to requests of its members, or for their resources. */
export interface OrganizationKeys {
  readonly organizationId: string;
  readonly managementAccount: string;
  /** From the root down to the account, as AWS writes it: `o-…/r-…/ou-…/`. */
  readonly path: string;
}

/** What the organization says about one account; levels are ordered root, units, account. */
export interface Membership extends OrganizationKeys {
  /** Empty for the management account, which no such policy binds. */
  readonly serviceControlPolicies: readonly (readonly Policy[])[];
  readonly resourceControlPolicies: readonly (readonly Policy[])[];
}

/** Which accounts belong together, and which policies bind them. Without one, no account is a member. */
export class Organization {
  readonly #members: ReadonlyMap<string, Membership>;

  constructor(members: ReadonlyMap<string, Membership> = new Map()) {
    this.#members = members;
  }

  /** Null for an account outside of the organization, and for the anonymous. */
  membershipOf(accountId: string | null): Membership | null {
    return accountId === null ? null : (this.#members.get(accountId) ?? null);
  }
}
