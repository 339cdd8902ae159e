import { createHash } from 'node:crypto';
import { type Policy, PolicySyntaxError, parsePolicy } from '@causeway/policy';
import type { SandboxAccount } from '../accounts.ts';
import type { Reader } from '../config/reader.ts';
import { type Membership, Organization } from './organization.ts';

/** An organization as the configuration names it. Policies are by name, each a JSON document. */
export interface OrganizationConfig {
  /** Such as `o-exampleorgid`. */
  readonly id: string;
  /** Its own principals are bound by no service control policy, its resources by no resource control policy. */
  readonly managementAccount: string;
  readonly root: OrganizationUnitConfig;
}

export interface PoliciesConfig {
  /** Besides `FullAWSAccess`, which is attached everywhere. */
  readonly serviceControlPolicies?: Readonly<Record<string, object>>;
  readonly resourceControlPolicies?: Readonly<Record<string, object>>;
  /** False takes `FullAWSAccess` away here, so that only what the policies allow is left. */
  readonly fullAwsAccess?: boolean;
}

export interface OrganizationUnitConfig extends PoliciesConfig {
  /** `r-…` of the root, `ou-…` of a unit; made up when absent. */
  readonly id?: string;
  readonly units?: readonly OrganizationUnitConfig[];
  /** Members, by id or with policies of their own. */
  readonly accounts?: readonly (string | AccountConfig)[];
}

export interface AccountConfig extends PoliciesConfig {
  readonly id: string;
}

const policyKeys = ['serviceControlPolicies', 'resourceControlPolicies', 'fullAwsAccess'] as const;

interface Level {
  readonly serviceControl: readonly Policy[];
  readonly resourceControl: readonly Policy[];
}

interface Place {
  readonly path: string;
  readonly levels: readonly Level[];
  readonly ids: string;
}

/**
 * Reads an organization; whatever is wrong goes to the reader.
 *
 * @param accounts those that the sandbox has: others cannot be members.
 */
export function readOrganization(
  value: unknown,
  accounts: readonly SandboxAccount[],
  reader: Reader,
): Organization {
  const path = 'organization';
  const config = reader.object(value, path, ['id', 'managementAccount', 'root']);
  if (!config) return new Organization();
  const organizationId = reader.text(
    config.id,
    `${path}.id`,
    /o-[a-z0-9]{10,32}/,
    'an id such as "o-exampleorgid"',
  );
  const managementAccount = reader.text(
    config.managementAccount,
    `${path}.managementAccount`,
    /\d{12}/,
    'an account id of twelve digits',
  );
  const members = new Map<string, Membership>();
  const tree: Tree = { organizationId, managementAccount, accounts, reader, members };
  readUnit(config.root, { path: `${path}.root`, levels: [], ids: `${organizationId}/` }, tree);
  if (managementAccount !== '' && !members.has(managementAccount)) {
    reader.report(
      `${path}.managementAccount`,
      `is "${managementAccount}", which is no account of the organization's root or units`,
    );
  }
  return new Organization(members);
}

interface Tree {
  readonly organizationId: string;
  readonly managementAccount: string;
  readonly accounts: readonly SandboxAccount[];
  readonly reader: Reader;
  readonly members: Map<string, Membership>;
}

function readUnit(value: unknown, place: Place, tree: Tree): void {
  const { reader } = tree;
  const unit = reader.object(value, place.path, ['id', 'units', 'accounts', ...policyKeys]);
  if (!unit) return;
  const isRoot = place.levels.length === 0;
  const id =
    unit.id === undefined
      ? madeUpId(isRoot, place.path)
      : reader.text(
          unit.id,
          `${place.path}.id`,
          isRoot ? /r-[a-z0-9]{4,32}/ : /ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}/,
          isRoot ? 'an id such as "r-ab12"' : 'an id such as "ou-ab12-11111111"',
        );
  const below: Place = {
    path: place.path,
    levels: [...place.levels, readLevel(unit, place.path, reader)],
    ids: `${place.ids}${id}/`,
  };
  for (const { item, path } of reader.list(unit.accounts, `${place.path}.accounts`)) {
    readAccount(item, { ...below, path }, tree);
  }
  for (const { item, path } of reader.list(unit.units, `${place.path}.units`)) {
    readUnit(item, { ...below, path }, tree);
  }
}

function madeUpId(isRoot: boolean, path: string): string {
  const digits = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return isRoot ? 'r-root' : `ou-root-${digits}`;
}

function readAccount(value: unknown, place: Place, tree: Tree): void {
  const { reader, members, organizationId, managementAccount } = tree;
  const account =
    typeof value === 'string'
      ? { id: value }
      : reader.object(value, place.path, ['id', ...policyKeys]);
  if (!account) return;
  const idPath = typeof value === 'string' ? place.path : `${place.path}.id`;
  const id = reader.text(account.id, idPath, /\d{12}/, 'an account id of twelve digits');
  if (id === '') return;
  if (!tree.accounts.some((known) => known.id === id)) {
    reader.report(idPath, `is "${id}", which is no account of the sandbox`);
  }
  if (members.has(id)) reader.report(idPath, `is "${id}", which is in the organization already`);
  const levels = [...place.levels, readLevel(account, place.path, reader)];
  const isBound = id !== managementAccount;
  members.set(id, {
    organizationId,
    managementAccount,
    path: place.ids,
    serviceControlPolicies: isBound ? levels.map(({ serviceControl }) => serviceControl) : [],
    resourceControlPolicies: isBound ? levels.map(({ resourceControl }) => resourceControl) : [],
  });
}

const fullAwsAccess = parsePolicy(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  { name: 'FullAWSAccess', type: 'service-control' },
);

function readLevel(
  level: { readonly [key in (typeof policyKeys)[number]]?: unknown },
  path: string,
  reader: Reader,
): Level {
  const hasFullAccess = reader.boolean(level.fullAwsAccess, `${path}.fullAwsAccess`, true);
  const own = readPolicies(
    level.serviceControlPolicies,
    `${path}.serviceControlPolicies`,
    'service-control',
    reader,
  );
  return {
    serviceControl: hasFullAccess ? [fullAwsAccess, ...own] : own,
    resourceControl: readPolicies(
      level.resourceControlPolicies,
      `${path}.resourceControlPolicies`,
      'resource-control',
      reader,
    ),
  };
}

function readPolicies(
  value: unknown,
  path: string,
  type: 'service-control' | 'resource-control',
  reader: Reader,
): Policy[] {
  if (value === undefined) return [];
  return (reader.entries(value, path) ?? []).flatMap(([name, document]) => {
    try {
      if (typeof document !== 'object' || document === null) {
        reader.report(`${path}.${name}`, 'is not a policy document');
        return [];
      }
      return [parsePolicy(document, { name, type })];
    } catch (error) {
      if (!(error instanceof PolicySyntaxError)) throw error;
      reader.report(`${path}.${name}`, `is refused: ${error.message}`);
      return [];
    }
  });
}
