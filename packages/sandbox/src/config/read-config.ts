import { maxIamDelaySeconds } from '../access/iam-view.ts';
import { accountFindings, defaultAccounts, type SandboxAccount } from '../accounts.ts';
import { Organization } from '../organization/organization.ts';
import { type OrganizationConfig, readOrganization } from '../organization/read-organization.ts';
import { SandboxError } from '../sandbox-error.ts';
import { Reader } from './reader.ts';

/** What `causeway sandbox --config FILE` may say, and `startSandbox` takes as options. */
export interface SandboxConfig {
  readonly accounts?: readonly SandboxAccount[];
  readonly organization?: OrganizationConfig;
  /** How long changes of IAM take to reach authorization; 0 when absent. */
  readonly iamDelaySeconds?: number;
}

/** A configuration that holds together. */
export interface ReadConfig {
  readonly accounts: readonly SandboxAccount[];
  readonly organization: Organization;
  readonly iamDelaySeconds: number;
}

/**
 * Reads a configuration, from a file or from a program.
 *
 * @throws SandboxError `accounts_invalid` or `config_invalid`, which name all that is wrong.
 */
export function readConfig(value: unknown): ReadConfig {
  const reader = new Reader();
  const config = reader.object(value, 'the configuration', [
    'accounts',
    'organization',
    'iamDelaySeconds',
  ]);
  const accounts =
    config?.accounts === undefined ? defaultAccounts : readAccounts(config.accounts, reader);
  const organization =
    config?.organization === undefined
      ? new Organization()
      : readOrganization(config.organization, accounts, reader);
  const iamDelaySeconds = reader.wholeNumber(
    config?.iamDelaySeconds,
    'iamDelaySeconds',
    0,
    maxIamDelaySeconds,
  );
  refuse(reader.findings, accountFindings(accounts));
  return { accounts, organization, iamDelaySeconds };
}

/** @throws SandboxError unless there are no findings. */
function refuse(findings: readonly string[], ofAccounts: readonly string[]): void {
  if (findings.length > 0) {
    throw new SandboxError(
      'config_invalid',
      `Cannot use the configuration: ${[...findings, ...ofAccounts].join('; ')}`,
      'Correct each of these; {"accounts":[…],"organization":{…},"iamDelaySeconds":n} is the whole of it',
    );
  }
  if (ofAccounts.length > 0) {
    throw new SandboxError(
      'accounts_invalid',
      `Cannot use the accounts: ${ofAccounts.join('; ')}`,
      'Give each account its own twelve-digit id and access key',
    );
  }
}

/**
 * Makes sure that `value`, from wherever it came, is a configuration.
 *
 * @throws SandboxError as {@link readConfig} does.
 */
export function assertConfig(value: unknown): asserts value is SandboxConfig {
  readConfig(value);
}

const accountKeys = ['id', 'alias', 'accessKeyId', 'secretAccessKey'] as const;

function readAccounts(value: unknown, reader: Reader): SandboxAccount[] {
  return reader.list(value, 'accounts').map(({ item, path }) => {
    const account = reader.object(item, path, accountKeys);
    const field = (key: (typeof accountKeys)[number]) => {
      const found = account?.[key];
      if (found === undefined || typeof found === 'string') return found ?? '';
      return reader.text(found, `${path}.${key}`);
    };
    return {
      id: field('id'),
      alias: field('alias'),
      accessKeyId: field('accessKeyId'),
      secretAccessKey: field('secretAccessKey'),
    };
  });
}
