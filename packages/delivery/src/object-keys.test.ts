import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultKeyTemplate, keyTemplateIssue, newId } from '@causeway/contract';
import {
  contentType,
  dataKey,
  dataPrefix,
  fileExtension,
  manifestKey,
  parseManifestKey,
} from './object-keys.ts';

const plain = { partitioned: false, filePerRecord: false };
const run = {
  prefix: 'causeway/',
  dataset: 'flights',
  customer: 'cus_1',
  deliveryId: 'dlv_1',
  keyTemplate: defaultKeyTemplate(plain),
  runId: 'run_01',
  createdAt: new Date('2026-11-22T23:59:59.999Z'),
};

describe('object keys', () => {
  it('have the layout that others read', () => {
    assert.equal(
      dataKey(run, { index: 7, extension: 'parquet', partition: '' }),
      'causeway/flights/dt=2026-11-22/run_01_00007.parquet',
    );
    assert.equal(
      manifestKey(run),
      'causeway/_manifests/flights/dt=2026-11-22/manifest_run_01.json',
    );
  });

  it('stand at the root of the bucket when there is no prefix', () => {
    assert.equal(
      dataKey({ ...run, prefix: '' }, { index: 0, extension: 'jsonl', partition: '' }),
      'flights/dt=2026-11-22/run_01_00000.jsonl',
    );
  });

  it('follow a template of the delivery, below a part that is the same in every run', () => {
    const keyTemplate =
      'out/{delivery}/{customer}/{year}-{month}/{day}T{hour}/{runId}.{index}.{ext}';
    const templated = { ...run, keyTemplate };

    assert.equal(
      dataKey(templated, { index: 12, extension: 'csv.gz', partition: '' }),
      'causeway/out/dlv_1/cus_1/2026-11/22T23/run_01.00012.csv.gz',
    );
    assert.equal(dataPrefix(templated), 'causeway/out/dlv_1/cus_1/');
    assert.equal(dataPrefix(run), 'causeway/flights/');
  });

  it('are the same for the same file, apart for all others, in order, and in their folder', () => {
    const templates = [
      run.keyTemplate,
      '{dataset}/{runId}{index}.{ext}',
      'a/{delivery}/{date}/b/{customer}-{runId}-{index}.{ext}',
    ];
    for (const keyTemplate of templates) {
      assert.equal(keyTemplateIssue(keyTemplate, plain), null);
      const keys: string[] = [];
      for (let n = 0; n < 200; n += 1) {
        const createdAt = new Date(Date.UTC(2026, 0, 1) + n * 7_919_000);
        const of = { ...run, keyTemplate, createdAt, runId: newId('run', createdAt.getTime()) };
        for (const index of [0, 1, 9, 10, 11, 99_999]) {
          const key = dataKey(of, { index, extension: 'csv', partition: '' });
          assert.equal(dataKey({ ...of }, { index, extension: 'csv', partition: '' }), key);
          assert.ok(key.startsWith(dataPrefix(of)));
          keys.push(key);
        }
      }
      assert.equal(new Set(keys).size, keys.length);
      assert.deepEqual(keys.toSorted(), keys);
    }
  });

  it('have the position of a record in them, where each is a file', () => {
    const keyTemplate = defaultKeyTemplate({ ...plain, filePerRecord: true });
    const file = { index: 3, extension: 'json', partition: '', position: '41' };
    assert.equal(
      dataKey({ ...run, keyTemplate }, file),
      'causeway/flights/dt=2026-11-22/run_01_000000000041.json',
    );
  });

  it('end in the name of the form', () => {
    const named = (['parquet', 'csv', 'jsonl', 'json'] as const).flatMap((format) =>
      (['none', 'gzip', 'zstd'] as const).map((compression) =>
        [fileExtension({ format, compression }), contentType({ format, compression })].join(' '),
      ),
    );
    assert.deepEqual(named, [
      'parquet application/vnd.apache.parquet',
      'parquet application/vnd.apache.parquet',
      'parquet application/vnd.apache.parquet',
      'csv text/csv; charset=utf-8',
      'csv.gz application/gzip',
      'csv.zst application/zstd',
      'jsonl application/x-ndjson',
      'jsonl.gz application/gzip',
      'jsonl.zst application/zstd',
      'json application/json',
      'json.gz application/gzip',
      'json.zst application/zstd',
    ]);
  });

  it('tell prefix, dataset and run from a manifest key', () => {
    assert.deepEqual(parseManifestKey(manifestKey(run)), {
      prefix: 'causeway/',
      dataset: 'flights',
      runId: run.runId,
    });
    assert.deepEqual(parseManifestKey(manifestKey({ ...run, prefix: '' })), {
      prefix: '',
      dataset: 'flights',
      runId: run.runId,
    });
    assert.equal(
      parseManifestKey(dataKey(run, { index: 0, extension: 'parquet', partition: '' })),
      null,
    );
  });
});
