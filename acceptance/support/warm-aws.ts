import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, type Program, programAt, skippedWithout } from './programs.ts';

const found = findProgram('aws', ['--version']);

/** Why specs that need the `aws` command are skipped; false where it is. */
export const skippedWithoutAws = skippedWithout(found, 'program "aws" (awscli)');

/** The `aws` command of this machine, ready to be called often. */
export interface WarmAws extends Program {
  stop(): Promise<void>;
}

/**
 * Starts the `aws` command in a way that a call takes a quarter of its second:
 * `clients/warm-aws.py` says how. Where it is not Debian's, each call starts it anew.
 *
 * @param folder Where its socket and its program, called `aws`, are put.
 */
export async function startAws(folder: string): Promise<WarmAws> {
  if (!found) throw new Error('There is no program "aws" here');
  const path = join(folder, 'aws');
  const [, python] = /^#! ?(\/\S*python3)\n/.exec(await readFile(found.path, 'latin1')) ?? [];
  const server = python === undefined ? null : await serve(python, join(folder, 'aws.socket'));
  await writeFile(path, `#!/bin/sh\nexec ${server?.command ?? found.path} "$@"\n`);
  await chmod(path, 0o755);
  return { ...programAt(path), stop: async () => server?.stop() };
}

const script = fileURLToPath(new URL('../clients/warm-aws.py', import.meta.url));

async function serve(python: string, socket: string) {
  const server = spawn(python, [script, 'serve', socket], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  await Promise.race([once(server.stdout, 'data'), ended]);
  if (server.exitCode !== null) throw new Error('Cannot start aws: see above');
  return {
    // Without what only the server needs, to start at once.
    command: `${python} -I -S ${script} ${socket}`,
    async stop() {
      server.stdin.end();
      await ended;
    },
  };
}
