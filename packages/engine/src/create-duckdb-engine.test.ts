import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CausewayError } from '@causeway/contract';
import { createDuckDbEngine } from './create-duckdb-engine.ts';
import { parquetFile } from './engine-source.ts';
import { collect, flights, jobFolders, openTestEngine, type TestEngine } from './testing/engine.ts';
import { childrenOf, untilGone } from './testing/processes.ts';

describe('createDuckDbEngine()', () => {
  let test: TestEngine;
  before(async () => {
    test = await openTestEngine({ keepsProcesses: false });
  });
  after(() => test.close());

  const allOf = (path: string) =>
    ({
      source: parquetFile(path),
      format: 'parquet',
      compression: 'zstd',
      split: { type: 'all' },
    }) as const;

  describe('describe()', () => {
    it('names the columns and types of the flights', async () => {
      const columns = await test.engine.describe(parquetFile(flights));

      assert.deepEqual(
        columns.map(({ name, type }) => `${name} ${type}`),
        [
          'date TIMESTAMP',
          'delay BIGINT',
          'distance BIGINT',
          'origin VARCHAR',
          'destination VARCHAR',
        ],
      );
    });

    it('finds a file whose name has wildcards, quotes or letters of any script, and no other', async () => {
      const decoy = await test.parquet('SELECT 1 AS decoy');
      await writeFile(test.file('kb1.parquet'), readFileSync(decoy));
      const right = await test.parquet('SELECT 1 AS right_one');
      for (const name of ['k[b]*.parquet', `it's "?" 北京\n.parquet`, 'back\\slash[1].parquet']) {
        const path = test.file(name);
        await writeFile(path, readFileSync(right));

        const columns = await test.engine.describe(parquetFile(path));

        assert.deepEqual(
          columns.map((column) => column.name),
          ['right_one'],
        );
      }
    });

    it('takes nothing from the folders of its path', async () => {
      const source = await test.parquet('SELECT 1 AS a');
      await mkdir(test.file('year=2026'));
      const path = test.file('year=2026/a.parquet');
      await writeFile(path, readFileSync(source));

      const columns = await test.engine.describe(parquetFile(path));

      assert.deepEqual(columns, [{ name: 'a', type: 'INTEGER', nullable: true }]);
    });

    it('says what is wrong with a file it cannot read', async () => {
      const source = readFileSync(await test.parquet('SELECT i FROM range(10_000) t(i)'));
      const broken = Buffer.from(source);
      broken.fill(0xff, source.length - 60, source.length - 8);
      const cases: [string, Buffer | null, RegExp][] = [
        ['missing.parquet', null, /it does not exist/],
        ['empty.parquet', Buffer.alloc(0), /it is empty/],
        ['text.parquet', Buffer.from('a,b\n1,2\n'), /it is not a Parquet file/],
        ['cut.parquet', source.subarray(0, 5000), /it is a truncated Parquet file/],
        ['tiny.parquet', Buffer.from('PAR1'), /it is a truncated Parquet file/],
        ['broken.parquet', broken, /Cannot read source/],
      ];
      for (const [name, bytes, expected] of cases) {
        const path = test.file(name);
        if (bytes) await writeFile(path, bytes);

        await assert.rejects(test.engine.describe(parquetFile(path)), (error) => {
          assert.ok(CausewayError.is(error, 'source_not_readable'));
          assert.match(error.message, expected);
          assert.ok(error.message.startsWith(`Cannot read source "${path}": `));
          assert.ok(!error.message.includes(test.tempDir), error.message);
          return true;
        });
      }
      await assert.rejects(test.engine.describe(parquetFile(test.tempDir)), /it is a folder/);
      await assert.rejects(
        test.engine.describe(parquetFile('/dev/null')),
        /it is not a regular file/,
      );
      await assert.rejects(
        test.engine.describe(parquetFile('a\0b')),
        /its name is not a file name/,
      );
    });

    it('stops when it is aborted', async () => {
      const reason = new Error('enough');

      await assert.rejects(
        test.engine.describe(parquetFile(flights), AbortSignal.abort(reason)),
        reason,
      );
    });
  });

  describe('its processes', () => {
    it('know nothing of our environment', async () => {
      process.env['AWS_SECRET_ACCESS_KEY'] = 'secret-of-the-parent';
      let environment = '';

      await test.engine.unload(allOf(flights), async (_index, stream) => {
        const [child] = childrenOf(process.pid);
        environment = readFileSync(`/proc/${child}/environ`, 'utf8');
        for await (const _chunk of stream);
      });
      delete process.env['AWS_SECRET_ACCESS_KEY'];

      const names = environment
        .split('\0')
        .map((line) => line.split('=')[0])
        .filter((name) => name !== '');
      assert.deepEqual(names.sort(), [
        'MALLOC_ARENA_MAX',
        'NODE_CHANNEL_FD',
        'NODE_CHANNEL_SERIALIZATION_MODE',
        'NODE_COMPILE_CACHE',
        'TZ',
      ]);
    });

    it('are gone after each job', async () => {
      await test.engine.describe(parquetFile(flights));

      assert.deepEqual(childrenOf(process.pid), []);
    });

    it('can be started ahead, once, and are used by the next job', async () => {
      test.engine.warm();
      test.engine.warm();
      const warm = childrenOf(process.pid);
      assert.equal(warm.length, 1);
      let used: number[] = [];

      await test.engine.unload(allOf(flights), async (_index, stream) => {
        used = childrenOf(process.pid);
        for await (const _chunk of stream);
      });

      assert.deepEqual(used, warm);
      assert.deepEqual(childrenOf(process.pid), []);
    });

    it('serve one job after the other where files are of one origin, each with its own files alone', async () => {
      const tempDir = test.file('kept');
      const limits = { memoryLimitMb: 200, threads: 1 };
      const engine = createDuckDbEngine({ tempDir, ...limits, keepsProcesses: true });
      const query = { ...parquetFile(flights), query: `SELECT * FROM read_csv('/etc/passwd')` };

      await engine.describe(parquetFile(flights));
      const kept = childrenOf(process.pid);
      assert.equal(kept.length, 1);
      const first = collect();
      await engine.unload(allOf(flights), first.consume);
      assert.deepEqual(childrenOf(process.pid), kept);
      await assert.rejects(engine.describe(query));
      assert.deepEqual(childrenOf(process.pid), [], 'one that failed gets no other job');
      const [columns] = await Promise.all([
        engine.describe(parquetFile(flights)),
        engine.describe(parquetFile(flights)),
      ]);
      assert.equal(childrenOf(process.pid).length, 2);
      assert.equal(columns.length, 5);
      assert.deepEqual(await jobFolders(tempDir), []);
      await engine.close();
      assert.deepEqual(childrenOf(process.pid), []);
    });

    it('are replaced when one that waits has died', async () => {
      test.engine.warm();
      const [waiting] = childrenOf(process.pid);
      assert.ok(waiting);
      process.kill(waiting, 'SIGKILL');
      await untilGone(waiting);
      await new Promise((resolve) => setImmediate(resolve));

      const columns = await test.engine.describe(parquetFile(flights));

      assert.equal(columns.length, 5);
    });

    it('die with us, even when we are killed, and the next engine clears up', async () => {
      const tempDir = test.file('killed');
      const script = fileURLToPath(new URL('./testing/unload-and-hang.ts', import.meta.url));
      const parent = spawn(
        process.execPath,
        ['--experimental-strip-types', '--conditions=@causeway/source', script, tempDir, flights],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [line] = await once(parent.stdout, 'data');
      const child = Number(String(line));
      assert.ok(child > 0);

      parent.kill('SIGKILL');
      await once(parent, 'exit');

      assert.ok(await untilGone(child), 'the child is still there');
      assert.equal((await jobFolders(tempDir)).length, 1);
      const next = createDuckDbEngine({ tempDir, memoryLimitMb: 200, threads: 1 });
      await next.describe(parquetFile(flights));
      assert.deepEqual(await jobFolders(tempDir), []);
      await next.close();
    });
  });

  describe('close()', () => {
    it('ends what runs, and starts nothing more', async () => {
      const tempDir = test.file('closed');
      const engine = createDuckDbEngine({ tempDir, memoryLimitMb: 200, threads: 1 });
      engine.warm();
      let closed: Promise<void> | undefined;
      const running = engine.unload(allOf(flights), async (_index, stream) => {
        closed = engine.close();
        for await (const _chunk of stream);
      });

      await assert.rejects(running, /the engine was closed/);
      await closed;
      await assert.rejects(engine.describe(parquetFile(flights)), /the engine was closed/);
      engine.warm();
      assert.deepEqual(childrenOf(process.pid), []);
      assert.deepEqual(await jobFolders(tempDir), []);
    });
  });

  it('clears up what a process that is gone left, and nothing else', async () => {
    const tempDir = test.file('leftovers');
    await mkdir(join(tempDir, 'engine-999999999-12345-abc', 'out'), { recursive: true });
    await mkdir(join(tempDir, `engine-${process.pid}-1-abc`), { recursive: true });
    await mkdir(join(tempDir, 'something-else'));
    const engine = createDuckDbEngine({ tempDir, memoryLimitMb: 200, threads: 1 });
    const { consume } = collect();

    await engine.unload(allOf(flights), consume);
    await engine.close();

    assert.deepEqual(await jobFolders(tempDir), ['something-else']);
  });

  it('says so when its folder cannot be used', async () => {
    const tempDir = test.file('a-file');
    await writeFile(tempDir, '');
    const engine = createDuckDbEngine({ tempDir, memoryLimitMb: 200, threads: 1 });

    await assert.rejects(engine.describe(parquetFile(flights)), /EEXIST|ENOTDIR/);
    await engine.close();
  });
});
