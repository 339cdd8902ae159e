import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const source = new URL('./', import.meta.url);
const files = globSync('**/*.ts', { cwd: source.pathname }).filter(
  (name) => !name.endsWith('.test.ts') && !name.startsWith('testing/'),
);

describe('the package', () => {
  it('needs nothing but itself, so that it runs in a browser', () => {
    for (const name of files) {
      const text = readFileSync(new URL(name, source), 'utf8');
      const imported = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
        (match) => match[1],
      );

      for (const module of imported) assert.match(module ?? '', /^\.{1,2}\//, `${name}: ${module}`);
    }
  });

  it('declares no dependency, and that nothing happens on import', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', source), 'utf8')) as {
      dependencies?: object;
      sideEffects?: boolean;
    };

    assert.equal(manifest.dependencies, undefined);
    assert.equal(manifest.sideEffects, false);
  });
});
