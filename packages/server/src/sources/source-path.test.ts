import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CausewayError, type ErrorCode } from '@causeway/contract';
import { resolveSourcePath } from './source-path.ts';

let root = '';
let allowed: string[] = [];

before(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'causeway-sources-')));
  for (const folder of ['exports/deep', 'more', 'exports-private']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'exports/deep/a.parquet'), '');
  await writeFile(join(root, 'more/b.parquet'), '');
  await writeFile(join(root, 'exports-private/c.parquet'), '');
  await symlink(join(root, 'exports-private/c.parquet'), join(root, 'exports/leak.parquet'));
  await symlink(join(root, 'exports-private'), join(root, 'exports/leak'));
  await symlink('deep/a.parquet', join(root, 'exports/latest.parquet'));
  await symlink(join(root, 'exports'), join(root, 'linked'));
  allowed = [join(root, 'exports'), join(root, 'more'), join(root, 'missing')];
});
after(() => rm(root, { recursive: true }));

async function refused(path: string, code: ErrorCode): Promise<void> {
  await assert.rejects(resolveSourcePath(path, allowed), (error) => {
    assert.ok(CausewayError.is(error, code), `${path}: ${String(error)}`);
    return true;
  });
}

describe('resolveSourcePath()', () => {
  it('takes a file in one of the folders, by its path or by its name', async () => {
    const a = join(root, 'exports/deep/a.parquet');

    assert.equal(await resolveSourcePath(a, allowed), a);
    assert.equal(await resolveSourcePath('deep/a.parquet', allowed), a);
    assert.equal(await resolveSourcePath('b.parquet', allowed), join(root, 'more/b.parquet'));
  });

  it('takes a link that stays inside, and a folder that is a link itself', async () => {
    const latest = join(root, 'exports/latest.parquet');
    const linked = join(root, 'linked/deep/a.parquet');

    assert.equal(await resolveSourcePath(latest, allowed), latest);
    assert.equal(await resolveSourcePath(linked, [join(root, 'linked')]), linked);
  });

  it('refuses every way out of the folders', async () => {
    for (const path of [
      '/etc/passwd',
      '/etc/no-such-file',
      '../exports-private/c.parquet',
      join(root, 'exports/../exports-private/c.parquet'),
      join(root, 'exports-private/c.parquet'),
      join(root, 'exports/leak.parquet'),
      join(root, 'exports/leak/c.parquet'),
      join(root, 'exports'),
      `${join(root, 'exports/deep/a.parquet')}\0.csv`,
      '',
    ]) {
      await refused(path, 'source_not_allowed');
    }
  });

  it('says so when there is no such file in them', async () => {
    await refused(join(root, 'exports/none.parquet'), 'source_not_readable');
    await refused('none.parquet', 'source_not_readable');
  });
});
