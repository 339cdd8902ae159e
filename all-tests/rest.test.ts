import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { groups } from './groups.ts';
import { runTogether, testFiles } from './run-together.ts';

runTogether(groups.rest);

describe('npm test', () => {
  it('runs every test file, and none twice', () => {
    const { scripts } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { scripts: { test: string } };
    const told = [...scripts.test.matchAll(/"([^"]+)"/g)].map(([, pattern = '']) => pattern);
    const together = Object.values(groups).flat();

    assert.deepEqual(
      testFiles([...told, ...together]),
      testFiles(['{acceptance,all-tests,packages,scripts}/**/*.{test,spec}.ts']),
    );
  });
});
