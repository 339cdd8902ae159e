import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startSandboxProcess } from './sandbox-process.ts';

describe('startSandboxProcess()', () => {
  it('starts several at once that want the same port: one gets it, none is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'causeway-'));
    // From below the ports that systems give to whoever asks for any.
    const port = randomInt(10_000, 30_000);

    const started = await Promise.all(
      ['a', 'b', 'c'].map((name) => startSandboxProcess({ dataDir: join(folder, name), port })),
    );

    const urls = new Set(started.map(({ url }) => url));
    assert.equal(urls.size, 3);
    assert.ok(urls.has(`http://127.0.0.1:${port}`));
    await Promise.all(started.map((sandbox) => sandbox.stop()));
    await rm(folder, { recursive: true });
  });
});
