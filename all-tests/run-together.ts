import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe } from 'node:test';

const root = join(import.meta.dirname, '..');
const load = createRequire(import.meta.url);

/** The paths that match any of the patterns, from the root of the repository, in order. */
export function testFiles(patterns: readonly string[]): string[] {
  const found = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }));
  return found.filter((path) => !path.includes('node_modules')).toSorted();
}

/**
 * Runs test files one after the other in this process, each as a suite of its own.
 *
 * The runner gives a process to each file that it is told of, and loading a package, its
 * dependencies and the AWS SDK takes a second of a processor every time: of most files that
 * is more than their tests take. What a file does in `before` and `after` stays its own,
 * since it is loaded inside its suite; that needs loading without waiting, so a file that
 * is run together with others has no `await` outside its functions.
 */
export function runTogether(patterns: readonly string[]): void {
  for (const file of testFiles(patterns)) {
    describe(file, () => {
      load(join(root, file));
    });
  }
}
