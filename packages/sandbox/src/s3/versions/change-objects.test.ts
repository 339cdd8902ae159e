import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ObjectRecord, VersionRecord } from '../../state/records.ts';
import { State } from '../../state/state.ts';
import { addVersion, removeVersion } from './change-objects.ts';
import { keysOfBucket } from './version-page.ts';
import { findVersion, isDeleteMarker, versionIdOf, versionsOf } from './version-rows.ts';

const keys = ['a', 'a\0', 'a\0\0', 'a/b', 'ab'];

type Step =
  | { readonly do: 'put' | 'mark'; readonly key: string; readonly withId: boolean }
  | { readonly do: 'remove'; readonly key: string; readonly index: number };

/** Steps that are the same for the same seed. */
function steps(seed: number): Step[] {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % limit;
  };
  return Array.from({ length: below(40) }, () => {
    const key = keys[below(keys.length)] ?? '';
    if (below(3) === 0) return { do: 'remove', key, index: below(5) };
    return { do: below(3) === 0 ? 'mark' : 'put', key, withId: below(2) === 0 };
  });
}

/** What versions are to a reader: a list a key, the newest first. */
type Model = Map<string, { readonly id: string; readonly isMarker: boolean }[]>;

describe('addVersion() and removeVersion()', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-versions-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('leave the versions that a plain list would have, whatever was done', () => {
    for (let seed = 0; seed < 200; seed++) {
      const state = new State(join(folder, `${seed}.log`));
      const model: Model = new Map(keys.map((one) => [one, []]));
      for (const [index, one] of steps(seed).entries()) {
        carryOut(state, model, one, `v${index}`);
        checkSame(state, model);
      }
      state.close();
    }
  });
});

function carryOut(state: State, model: Model, one: Step, id: string): void {
  const place = { bucket: 'bucket', key: one.key };
  const versions = model.get(one.key) ?? [];
  if (one.do === 'remove') {
    const chosen = versions[one.index];
    if (!chosen) return;
    const found = findVersion(state, place, chosen.id);
    assert.ok(found);
    const { changes, gone } = removeVersion(state, place, found);
    assert.equal(gone.length, chosen.isMarker ? 0 : 1);
    state.commit(...changes);
    versions.splice(one.index, 1);
    return;
  }
  const record = newRecord(one.do === 'mark', one.withId ? id : undefined);
  const replaced = one.withId ? undefined : versions.find((version) => version.id === 'null');
  const { changes, gone } = addVersion(state, place, record);
  assert.equal(gone.length, replaced && !replaced.isMarker ? 1 : 0);
  state.commit(...changes);
  const kept = versions.filter((version) => version !== replaced);
  model.set(one.key, [{ id: versionIdOf(record), isMarker: one.do === 'mark' }, ...kept]);
}

function checkSame(state: State, model: Model): void {
  for (const [one, versions] of model) {
    const found = [...versionsOf(state, { bucket: 'bucket', key: one })];
    assert.deepEqual(
      found.map(({ record }) => ({ id: versionIdOf(record), isMarker: isDeleteMarker(record) })),
      versions,
    );
    assert.deepEqual(
      found.map(({ isLatest }) => isLatest),
      versions.map((_, index) => index === 0),
    );
    const isVisible = versions[0] !== undefined && !versions[0].isMarker;
    assert.equal(state.objects.has(`bucket/${one}`), isVisible);
  }
  assert.deepEqual(
    [...keysOfBucket(state, 'bucket')],
    keys.filter((one) => model.get(one)?.length),
  );
}

function newRecord(isMarker: boolean, versionId: string | undefined): VersionRecord {
  const id = versionId === undefined ? {} : { versionId };
  const modifiedAt = '2026-01-01T00:00:00.000Z';
  if (isMarker) return { isDeleteMarker: true, modifiedAt, ...id };
  const object: ObjectRecord = {
    etag: 'etag',
    bytes: 1,
    modifiedAt,
    headers: { system: {}, user: {}, storageClass: 'STANDARD' },
    checksum: null,
    parts: [],
    multipart: false,
    ...id,
  };
  return object;
}
