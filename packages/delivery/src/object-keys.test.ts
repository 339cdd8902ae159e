import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dataKey, manifestKey, parseManifestKey } from './object-keys.ts';

const run = {
  prefix: 'causeway/',
  dataset: 'flights',
  runId: 'run_01',
  createdAt: new Date('2026-11-22T23:59:59.999Z'),
};

describe('object keys', () => {
  it('have the layout that others read', () => {
    assert.equal(dataKey(run, 7, 'parquet'), 'causeway/flights/dt=2026-11-22/run_01_00007.parquet');
    assert.equal(
      manifestKey(run),
      'causeway/_manifests/flights/dt=2026-11-22/manifest_run_01.json',
    );
  });

  it('stand at the root of the bucket when there is no prefix', () => {
    assert.equal(
      dataKey({ ...run, prefix: '' }, 0, 'jsonl'),
      'flights/dt=2026-11-22/run_01_00000.jsonl',
    );
  });

  it('tell prefix and dataset from a manifest key', () => {
    assert.deepEqual(parseManifestKey(manifestKey(run)), {
      prefix: 'causeway/',
      dataset: 'flights',
    });
    assert.deepEqual(parseManifestKey(manifestKey({ ...run, prefix: '' })), {
      prefix: '',
      dataset: 'flights',
    });
    assert.equal(parseManifestKey(dataKey(run, 0, 'parquet')), null);
  });
});
