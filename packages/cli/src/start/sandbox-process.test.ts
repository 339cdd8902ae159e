import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startSandboxProcess } from './sandbox-process.ts';

describe('startSandboxProcess()', () => {
  it('starts several at once that want the same port: one gets it, none is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'causeway-'));
    const port = await freePort();

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

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
