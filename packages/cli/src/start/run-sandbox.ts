import { readFile } from 'node:fs/promises';
import { defaultAccounts, type SandboxAccount, startSandbox } from '@causeway/sandbox';
import { untilStopped } from './until-stopped.ts';

export interface SandboxOptions {
  readonly port: number;
  readonly data?: string;
  readonly config?: string;
}

/** Serves a sandbox until stopped, or until the process that forked it is gone. */
export async function runSandbox(options: SandboxOptions): Promise<void> {
  const accounts = options.config ? await readAccounts(options.config) : defaultAccounts;
  const sandbox = await startSandbox({
    port: options.port,
    accounts,
    ...(options.data !== undefined && { dataDir: options.data }),
  });
  console.log(`sandbox ready ${sandbox.url}`);
  process.send?.({ url: sandbox.url });
  await untilStopped();
  await sandbox.close();
}

async function readAccounts(file: string): Promise<readonly SandboxAccount[]> {
  const parsed = JSON.parse(await readFile(file, 'utf8')) as { accounts?: SandboxAccount[] };
  if (!Array.isArray(parsed.accounts) || parsed.accounts.length === 0) {
    throw new Error(`Cannot use accounts from "${file}": it has no list "accounts"`);
  }
  return parsed.accounts;
}
