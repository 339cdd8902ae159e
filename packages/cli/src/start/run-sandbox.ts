import { readFile } from 'node:fs/promises';
import { CausewayError } from '@causeway/contract';
import { defaultAccounts, type SandboxAccount, startSandbox } from '@causeway/sandbox';
import { tellParent, untilStopped } from './until-stopped.ts';

export interface SandboxOptions {
  readonly port: number;
  readonly data?: string;
  readonly config?: string;
}

/** Serves a sandbox until stopped, or until the process that forked it is gone. */
export async function runSandbox(options: SandboxOptions): Promise<void> {
  const stopped = untilStopped();
  const accounts = options.config ? await readAccounts(options.config) : defaultAccounts;
  const sandbox = await startSandbox({
    port: options.port,
    accounts,
    ...(options.data !== undefined && { dataDir: options.data }),
  });
  console.log(`sandbox ready ${sandbox.url}`);
  tellParent({ url: sandbox.url });
  await stopped;
  await sandbox.close();
}

async function readAccounts(file: string): Promise<readonly SandboxAccount[]> {
  try {
    const parsed = JSON.parse(await readFile(file, 'utf8')) as { accounts?: SandboxAccount[] };
    const { accounts } = parsed;
    if (!Array.isArray(accounts) || accounts.length === 0)
      throw new Error('has no list "accounts"');
    return accounts;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const issues = [{ path: `--config ${file}`, message }];
    throw new CausewayError('invalid_request', { issues }, { cause });
  }
}
