import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { CausewayError, type UnsignedManifest } from '@causeway/contract';
import { createMemoryStore } from '@causeway/objectstore';
import { newSigningKeyPem, openSigningKey, signManifest } from './signature.ts';
import { sampleManifest } from './testing/sample-manifest.ts';
import { newestManifests, verifyDelivery } from './verify-delivery.ts';

const key = openSigningKey(newSigningKeyPem());
const tempDir = mkdtempSync(join(tmpdir(), 'causeway-verify-'));
after(() => rmSync(tempDir, { recursive: true, force: true }));

/** A bucket with three deliveries of two rows each, as a receiver finds it. */
async function delivered() {
  const store = createMemoryStore();
  const manifestKeys: string[] = [];
  const put = (objectKey: string, text: string) =>
    store.putObject({
      key: objectKey,
      body: Buffer.from(text),
      contentType: 'text/plain',
      token: objectKey,
    });
  const write = async (change: Partial<UnsignedManifest>, text = '{"n":1}\n{"n":2}\n') => {
    const runId = change.runId ?? '';
    const file = {
      key: `p/flights/dt=2026-11-22/${runId}_00000.jsonl`,
      rows: 2,
      bytes: text.length,
      sha256: createHash('sha256').update(text).digest('hex'),
      etag: '"e"',
    };
    const manifest = sampleManifest({ rows: 2, bytes: text.length, files: [file], ...change });
    const manifestKey = `p/_manifests/flights/dt=2026-11-22/manifest_${runId}.json`;
    await put(file.key, text);
    await put(manifestKey, JSON.stringify(signManifest(manifest, key)));
    manifestKeys.push(manifestKey);
  };
  return { store, put, write, manifestKeys };
}

async function threeDeliveries() {
  const bucket = await delivered();
  await bucket.write({ runId: 'run_1', sequence: 1 });
  await bucket.write({ runId: 'run_2', sequence: 2, previousRunId: 'run_1' });
  await bucket.write({ runId: 'run_3', sequence: 3, previousRunId: 'run_2' });
  return bucket;
}

function verify(store: ReturnType<typeof createMemoryStore>, manifestKey: string | undefined) {
  return verifyDelivery({
    reader: store,
    manifestKey: manifestKey ?? '',
    keys: key.publicKeys,
    tempDir,
    inspect: async ({ path }) => ({ rows: readFileSync(path, 'utf8').split('\n').length - 1 }),
  });
}

/** What a later version may write: new members at every depth, and new words in lists. */
const newer = {
  mode: 'mirror',
  window: { from: null, to: '2026-11-22T00:00:00.000Z', lag: 7 },
  weakerGuarantees: ['moonlight'],
  layout: { prefix: 'p/', keyTemplate: '{dataset}/dt={date}/{runId}_{index}.{ext}', depth: 0.1 },
  '10': { '9': [1e21] },
} as unknown as Partial<UnsignedManifest>;

const newCsv = {
  format: 'csv',
  csv: { delimiter: ',', quote: "'" },
} as unknown as Partial<UnsignedManifest>;

function failed(report: Awaited<ReturnType<typeof verify>>) {
  return report.findings.filter(({ verdict }) => verdict !== 'passed').map(({ id }) => id);
}

describe('A manifest that cannot be read', () => {
  it('hides none of the others, and is told of', async () => {
    const { store, put, manifestKeys } = await threeDeliveries();
    const key = 'p/_manifests/flights/dt=2026-11-21/manifest_run_0.json';
    await put(key, '{"version":1');

    const { newest, damaged } = await newestManifests(store, 'p/');
    const report = await verify(store, manifestKeys[2]);

    assert.deepEqual(newest, [manifestKeys[2]]);
    assert.deepEqual(damaged, [{ key, message: 'it is not JSON' }]);
    assert.deepEqual(failed(report), ['sequence']);
    assert.match(report.findings.find(({ id }) => id === 'sequence')?.message ?? '', /run_0/);
  });
});

describe('verifyDelivery()', () => {
  it('finds a gap above the delivery that is verified', async () => {
    const { store, manifestKeys, write } = await delivered();
    await write({ runId: 'run_1', sequence: 1 });
    await write({ runId: 'run_3', sequence: 3, previousRunId: 'run_2' });

    const report = await verify(store, manifestKeys[0]);

    assert.match(
      report.findings.find(({ id }) => id === 'sequence')?.message ?? '',
      /number 2 is missing/,
    );
  });

  it('passes a delivery that is as it was sent', async () => {
    const { store, manifestKeys } = await threeDeliveries();

    const report = await verify(store, manifestKeys[2]);

    assert.equal(report.verdict, 'passed');
    assert.deepEqual(failed(report), []);
  });

  it('finds a file that is missing', async () => {
    const { store, put, manifestKeys, write } = await delivered();
    await write({
      runId: 'run_1',
      files: [
        {
          key: 'p/flights/dt=2026-11-22/gone',
          rows: 2,
          bytes: 1,
          sha256: '0'.repeat(64),
          etag: '',
        },
      ],
    });
    await put('p/other', 'x');

    const report = await verify(store, manifestKeys[0]);

    assert.equal(report.verdict, 'failed');
    assert.deepEqual(failed(report), ['files', 'stray_files']);
  });

  it('finds a file whose bytes were changed', async () => {
    const { store, manifestKeys, write } = await delivered();
    const sha256 = createHash('sha256').update('other').digest('hex');
    const fileKey = 'p/flights/dt=2026-11-22/run_1_00000.jsonl';
    await write({ runId: 'run_1', files: [{ key: fileKey, rows: 2, bytes: 5, sha256, etag: '' }] });

    assert.deepEqual(failed(await verify(store, manifestKeys[0])), ['checksums']);
  });

  it('finds rows that do not add up', async () => {
    const { store, manifestKeys, write } = await delivered();
    await write({ runId: 'run_1' }, '{"n":1}\n');

    assert.deepEqual(failed(await verify(store, manifestKeys[0])), ['rows']);
  });

  it('finds a gap in the sequence', async () => {
    const { store, manifestKeys, write } = await delivered();
    await write({ runId: 'run_1', sequence: 1 });
    await write({ runId: 'run_3', sequence: 3, previousRunId: 'run_2' });

    const report = await verify(store, manifestKeys[1]);

    assert.deepEqual(failed(report), ['sequence']);
    assert.match(
      report.findings.find(({ id }) => id === 'sequence')?.message ?? '',
      /number 2 is missing/,
    );
  });

  it('finds a manifest that was signed by somebody else', async () => {
    const { store, manifestKeys } = await threeDeliveries();
    const stranger = openSigningKey(newSigningKeyPem());

    const report = await verifyDelivery({
      reader: store,
      manifestKey: manifestKeys[0] ?? '',
      keys: stranger.publicKeys,
      tempDir,
      inspect: async () => ({ rows: 2 }),
    });

    assert.deepEqual(failed(report), ['signature', 'sequence']);
  });

  it('warns of files that no manifest names, which are no part of any delivery', async () => {
    const { store, put, manifestKeys } = await threeDeliveries();
    await put('p/flights/dt=2026-11-22/run_9_00000.jsonl', 'x');

    const report = await verify(store, manifestKeys[2]);

    assert.equal(report.verdict, 'passed');
    assert.deepEqual(failed(report), ['stray_files']);
  });

  it('finds the files beside their manifest after both were copied without the prefix', async () => {
    const { store, manifestKeys } = await threeDeliveries();
    const copy = createMemoryStore();
    for await (const { key } of store.listObjects('p/')) {
      const body = await buffer(await store.getObject(key));
      const token = key;
      await copy.putObject({ key: key.slice(2), body, contentType: 'text/plain', token });
    }

    const report = await verify(copy, manifestKeys[2]?.slice(2));

    assert.deepEqual(failed(report), []);
  });

  it('proves what a newer sender has signed, with members that are not known here', async () => {
    const { store, put, write, manifestKeys } = await delivered();
    await write({ runId: 'run_1', ...newer });
    const [manifestKey = ''] = manifestKeys;
    const text = (await buffer(await store.getObject(manifestKey))).toString();

    const report = await verify(store, manifestKey);
    const touched = JSON.parse(text) as { window: object };
    await put('touched', JSON.stringify({ ...touched, window: { ...touched.window, lag: 8 } }));

    assert.match(text, /"lag":7/);
    assert.deepEqual(failed(report), ['guarantees']);
    assert.match(report.findings.at(-1)?.message ?? '', /the store lacks "moonlight"/);
    assert.ok(failed(await verify(store, 'touched')).includes('signature'));
  });

  it('says that it has not counted the rows of a form that is not known here', async () => {
    const { store, write, manifestKeys } = await delivered();
    await write({ runId: 'run_1', ...({ format: 'avro' } as object) });
    await write({ runId: 'run_2', sequence: 2, previousRunId: 'run_1', ...newCsv });

    for (const manifestKey of manifestKeys) {
      const report = await verify(store, manifestKey);

      assert.equal(report.verdict, 'passed');
      assert.deepEqual(failed(report), ['rows']);
      assert.match(report.findings.find(({ id }) => id === 'rows')?.message ?? '', /Not counted/);
    }
  });

  it('refuses a manifest of another version, which hides none of the others', async () => {
    const { store, put, manifestKeys } = await threeDeliveries();
    const key = 'p/_manifests/flights/dt=2026-11-23/manifest_run_4.json';
    await put(key, JSON.stringify({ version: 2, what: 'else' }));

    const { newest, damaged } = await newestManifests(store, 'p/');

    await assert.rejects(verify(store, key), (error) =>
      CausewayError.is(error, 'manifest_version_not_supported'),
    );
    assert.deepEqual(newest, [manifestKeys[2]]);
    assert.match(damaged[0]?.message ?? '', /version is 2/);
  });

  it('names the newest manifest of each delivery', async () => {
    const { store, write, manifestKeys } = await threeDeliveries();
    await write({ runId: 'run_4', deliveryId: 'dlv_2', sequence: 1 });

    const { newest, damaged } = await newestManifests(store, 'p/');
    assert.deepEqual(newest, [manifestKeys[2], manifestKeys[3]]);
    assert.deepEqual(damaged, []);
  });

  it('says when there is no manifest, and when it cannot be read', async () => {
    const { store, put } = await delivered();
    await put('broken', '{"version":');
    await put('foreign', '{"version":1}');

    await assert.rejects(verify(store, 'none'), (error) =>
      CausewayError.is(error, 'manifest_not_found'),
    );
    await assert.rejects(verify(store, 'broken'), /it is not JSON/);
    await assert.rejects(verify(store, 'foreign'), (error) =>
      CausewayError.is(error, 'manifest_invalid'),
    );
  });
});
