import { run } from 'node:test';

/**
 * Runs the whole fault suite, prints a line for each scenario that fails, and one at the end:
 *
 *     faults: 412 scenarios, seed 5, 0 violations
 *
 * and, where nobody watches a terminal, one for each hundred on the way.
 * `CAUSEWAY_FAULTS_SEED` chooses another seed, from which pairs of moments follow.
 */
const seed = process.env['CAUSEWAY_FAULTS_SEED'] ?? '5';
const suite = new URL('../packages/server/src/faults/faults.test.ts', import.meta.url).pathname;
const isTerminal = process.stdout.isTTY === true;
let scenarios = 0;
let violations = 0;

const events = run({
  files: [suite],
  env: { ...process.env, CAUSEWAY_FAULTS: 'all', CAUSEWAY_FAULTS_SEED: seed },
  execArgv: ['--experimental-strip-types', '--conditions=@causeway/source'],
});
for await (const { type, data } of events) {
  if (type !== 'test:pass' && type !== 'test:fail') continue;
  if (data.details.type === 'suite') continue;
  // Under a suite: a scenario. Else the file itself, which fails when it could not be run.
  if (data.nesting > 0) scenarios++;
  if (type === 'test:fail') {
    violations++;
    console.log(`violated: ${data.name}`);
    console.log(data.details.error.cause ?? data.details.error);
  }
  if (isTerminal) process.stdout.write(`\r${scenarios} scenarios `);
  else if (data.nesting > 0 && scenarios % 100 === 0) console.log(`${scenarios} scenarios so far`);
}
if (isTerminal) process.stdout.write('\r');
console.log(`faults: ${scenarios} scenarios, seed ${seed}, ${violations} violations`);
if (violations > 0 || scenarios === 0) process.exitCode = 1;
