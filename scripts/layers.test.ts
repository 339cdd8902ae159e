import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findForbiddenImports } from './layers.ts';

describe('findForbiddenImports()', () => {
  const check = (path: string, text: string) => findForbiddenImports([{ path, text }]);

  it('allows what points downwards', () => {
    assert.deepEqual(check('delivery/src/a.ts', "import { x } from '@causeway/objectstore';"), []);
  });

  it('refuses what points upwards, between siblings, or past the contract', () => {
    for (const [path, room] of [
      ['contract/src/a.ts', 'policy'],
      ['delivery/src/a.ts', 'connections'],
      ['delivery/src/a.ts', 'store'],
      ['sdk/src/a.ts', 'server'],
      ['cli/src/commands/runs.ts', 'server'],
      ['server/src/a.ts', 'sandbox'],
    ] as const) {
      assert.deepEqual(check(path, `import type { x } from "@causeway/${room}";`), [
        `packages/${path} may not import @causeway/${room}`,
      ]);
    }
  });

  it('sees dynamic imports and re-exports', () => {
    assert.equal(check('sdk/src/a.ts', "await import('@causeway/store')").length, 1);
    assert.equal(check('sdk/src/a.ts', "export { x } from '@causeway/store';").length, 1);
    assert.equal(check('sdk/src/a.ts', "export { x } from '@causeway/store/testing';").length, 1);
  });

  it('lets tests use the sandbox, and lets the command line start things', () => {
    assert.deepEqual(check('server/src/a.test.ts', "import { x } from '@causeway/sandbox';"), []);
    assert.deepEqual(check('cli/src/start/dev.ts', "import { x } from '@causeway/server';"), []);
  });
});
