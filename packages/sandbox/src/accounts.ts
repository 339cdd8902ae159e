/** An AWS account of the sandbox, with the access key of its root user. */
export interface SandboxAccount {
  /** Twelve digits. */
  readonly id: string;
  readonly alias: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RootCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The root access key that the sandbox gives account `accountId` unless told otherwise. */
export function rootCredentials(accountId: string): RootCredentials {
  return {
    accessKeyId: `AKIASANDBOX${accountId.slice(0, 9)}`,
    secretAccessKey: `sandbox-secret-${accountId}`,
  };
}

export const defaultAccounts: readonly SandboxAccount[] = [
  { id: '111111111111', alias: 'operator', ...rootCredentials('111111111111') },
  { id: '222222222222', alias: 'acme', ...rootCredentials('222222222222') },
  { id: '333333333333', alias: 'globex', ...rootCredentials('333333333333') },
];

/**
 * Looks for what would make a list of accounts unusable.
 *
 * @returns One sentence for each finding; none when the list is good.
 */
export function accountFindings(accounts: readonly SandboxAccount[]): string[] {
  const findings = accounts.flatMap(oneAccountsFindings);
  if (accounts.length === 0) findings.push('there is no account');
  for (const field of ['id', 'accessKeyId'] as const) {
    const values = accounts.map((account) => account[field]);
    const repeated = new Set(values.filter((value, index) => values.indexOf(value) !== index));
    for (const value of repeated) findings.push(`${field} "${value}" is used twice`);
  }
  return findings;
}

function oneAccountsFindings(account: SandboxAccount): string[] {
  const findings: string[] = [];
  if (!/^\d{12}$/.test(account.id))
    findings.push(`account id "${account.id}" is not twelve digits`);
  if (!/^\w{16,128}$/.test(account.accessKeyId)) {
    findings.push(`access key id "${account.accessKeyId}" is not 16 to 128 letters and digits`);
  }
  if (!account.secretAccessKey) findings.push(`account "${account.id}" has no secret access key`);
  if (!account.alias) findings.push(`account "${account.id}" has no alias`);
  return findings;
}
