import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import type { ObjectReader } from './object-store.ts';
import { openFolder } from './open-folder.ts';

describe('openFolder()', () => {
  let root = '';
  let folder: ObjectReader;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'causeway-folder-'));
    const inside = join(root, 'delivery');
    await mkdir(join(inside, 'flights/dt=2026-01-02'), { recursive: true });
    await writeFile(join(root, 'secret'), 'outside');
    await writeFile(join(inside, 'flights/dt=2026-01-02/run_00000.parquet'), 'rows');
    await writeFile(join(inside, 'flights/b'), 'b');
    await writeFile(join(inside, 'flights-other'), 'other');
    await symlink(join(root, 'secret'), join(inside, 'flights/link-out'));
    await symlink(root, join(inside, 'flights/folder-out'));
    await symlink('b', join(inside, 'flights/link-in'));
    folder = openFolder(inside);
  });
  after(() => rm(root, { recursive: true }));

  it('reads a file by its path as key', async () => {
    const key = 'flights/dt=2026-01-02/run_00000.parquet';

    assert.equal((await folder.headObject(key))?.bytes, 4);
    assert.equal(await text(await folder.getObject(key)), 'rows');
  });

  it('lists the files under a prefix in order, and none that lie outside', async () => {
    const keys: string[] = [];
    for await (const { key } of folder.listObjects('flights/')) keys.push(key);

    assert.deepEqual(keys, [
      'flights/b',
      'flights/dt=2026-01-02/run_00000.parquet',
      'flights/link-in',
    ]);
  });

  it('says that a file is not there', async () => {
    assert.equal(await folder.headObject('flights/nothing'), null);
    assert.equal(await folder.headObject('flights'), null);
    await assert.rejects(folder.getObject('nothing'), (error) =>
      CausewayError.is(error, 'object_not_found'),
    );
  });

  it('refuses every way out of the folder', async () => {
    const ways = [
      '../secret',
      'flights/../../secret',
      '/etc/passwd',
      'flights/link-out',
      'flights/folder-out/secret',
      'x\0y',
      '',
    ];
    for (const key of ways) {
      await assert.rejects(
        folder.getObject(key),
        (error) => CausewayError.is(error, 'invalid_location'),
        key,
      );
    }
  });
});
