import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** A program of this machine that is no part of Causeway. */
export interface Program {
  readonly path: string;
  /** Runs it; rejects with what it wrote on standard error when it fails. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
}

/**
 * Looks a program up by running it: what only stands in PATH may be a shim.
 * Debian's own come first.
 */
export function findProgram(name: string, probe: readonly string[]): Program | null {
  for (const path of [`/usr/bin/${name}`, name]) {
    try {
      execFileSync(path, probe, { stdio: 'ignore' });
      return programAt(path);
    } catch {
      // Not this one.
    }
  }
  return null;
}

/** A program that is there. */
export function programAt(path: string): Program {
  return { path, run: (args, environment) => run(path, args, environment) };
}

async function run(
  path: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { PATH: process.env['PATH'], ...environment };
  const options = { env, timeout: 120_000, maxBuffer: 16 * 1024 ** 2 };
  return (await promisify(execFile)(path, [...args], options)).stdout;
}

/** Why a part is skipped, said once on standard output as well. */
export function skippedWithout(program: Program | null, what: string): string | false {
  if (program) return false;
  const reason = `There is no ${what} here: install it to run this part`;
  console.log(`skipped: ${reason}`);
  return reason;
}
