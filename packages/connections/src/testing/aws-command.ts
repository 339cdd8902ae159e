import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The credentials that a script runs with. */
export interface ScriptCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Debian's `aws`, or null: what stands before it in PATH is a shim more often than a program. */
export function findAws(): string | null {
  return ['/usr/bin/aws', 'aws'].find((candidate) => runs(candidate, '--version')) ?? null;
}

export function runs(program: string, ...words: string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a script with `aws` pointed at the sandbox: the script itself is what a customer
 * gets.
 */
export async function runScript(
  script: string,
  options: {
    readonly folder: string;
    readonly aws: string;
    readonly endpoint: string;
    readonly credentials: ScriptCredentials;
    readonly settings?: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const bin = join(options.folder, 'bin');
  await mkdir(bin, { recursive: true });
  const shim = join(bin, 'aws');
  const { aws, endpoint } = options;
  await writeFile(shim, `#!/bin/sh\nexec ${aws} --endpoint-url ${endpoint} "$@"\n`);
  await chmod(shim, 0o755);
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: options.folder,
      AWS_ACCESS_KEY_ID: options.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: options.credentials.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      ...options.settings,
    },
  });
  return stdout;
}
