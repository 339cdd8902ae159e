import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Manifest, type Run } from '@causeway/contract';
import { type SigningKey, verifyDelivery } from '@causeway/delivery';
import { type DuckDbEngine, type EngineSource, parquetFile } from '@causeway/engine';
import { createS3Store, type ObjectReader } from '@causeway/objectstore';
import { rootCredentials } from '@causeway/sandbox';
import { type Order, recipientOf } from '../../testing/delivery-stage.ts';
import type { Receiver } from '../../testing/receiver.ts';

/** What DuckDB has said of bytes that were delivered, by their SHA-256: it need not be asked again. */
export class KnownContents {
  readonly #said = new Map<string, Promise<unknown>>();

  once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const said = this.#said.get(question) ?? ask();
    this.#said.set(question, said);
    return said as Promise<T>;
  }
}

/** Who got a delivery: what a proof needs to know of it. */
export interface Recipient extends Pick<Receiver, 'customer' | 'openUploads'> {
  readonly connection: {
    readonly accountId: string;
    readonly bucket: string;
    readonly prefix: string;
  };
}

export interface Proof {
  readonly known: KnownContents;
  readonly sandboxUrl: string;
  readonly signingKey: SigningKey;
  readonly engine: DuckDbEngine;
  readonly order: Pick<Order, 'dataset' | 'sourcePath'>;
  readonly receiver: Recipient;
  /** Those that delivered to the receiver, in order. */
  readonly runs: readonly Run[];
}

/**
 * Asserts that a receiver sees exactly these runs of an order, each as one manifest, signed
 * and numbered without a gap, and the files that it names; that nothing else is visible or
 * half uploaded; and that the rows of the last are those of the source.
 */
export async function proveExactlyOnce(proof: Proof): Promise<Manifest> {
  const { receiver, runs } = proof;
  const folder = await mkdtemp(join(tmpdir(), 'causeway-proof-'));
  const store = openReader(proof);
  try {
    const visible = await keysOf(store, proof);
    const manifests: Manifest[] = [];
    const keys: string[] = [];
    for (const run of runs) {
      const { state, failure, manifestKey } = recipientOf(run, receiver);
      assert.equal(state, 'delivered', JSON.stringify(failure));
      const isLast = run === runs.at(-1);
      const manifest = await proveManifest(proof, store, manifestKey ?? '', folder, isLast);
      assert.equal(manifest.runId, run.id);
      assert.equal(manifest.sequence, manifests.length + 1);
      assert.equal(manifest.previousRunId, manifests.at(-1)?.runId ?? null);
      manifests.push(manifest);
      keys.push(manifestKey ?? '', ...manifest.tombstones.map(({ key }) => key));
    }
    const replaced = new Set(manifests.flatMap(({ replaces = [] }) => replaces));
    for (const { runId, files } of manifests) {
      if (!replaced.has(runId)) keys.push(...files.map(({ key }) => key));
    }
    assert.deepEqual(visible.toSorted(), keys.toSorted(), 'what is visible');
    assert.deepEqual(await receiver.openUploads(), [], 'uploads that were left behind');
    const last = manifests.at(-1);
    assert.ok(last);
    return last;
  } finally {
    store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function openReader({ sandboxUrl, receiver }: Proof) {
  const { accountId, bucket } = receiver.connection;
  return createS3Store({
    bucket,
    region: 'us-east-1',
    endpoint: sandboxUrl,
    expectedBucketOwner: accountId,
    credentials: rootCredentials(accountId),
  });
}

async function keysOf(reader: ObjectReader, { order, receiver }: Proof): Promise<string[]> {
  const keys: string[] = [];
  for (const folder of ['', '_manifests/']) {
    const prefix = `${receiver.connection.prefix}${folder}${order.dataset.name}/`;
    for await (const { key } of reader.listObjects(prefix)) keys.push(key);
  }
  return keys;
}

async function proveManifest(
  proof: Proof,
  reader: ObjectReader,
  manifestKey: string,
  folder: string,
  comparesRows: boolean,
): Promise<Manifest> {
  const { engine, known, signingKey } = proof;
  const paths: string[] = [];
  const { manifest: received, findings } = await verifyDelivery({
    reader,
    manifestKey,
    keys: signingKey.publicKeys,
    tempDir: folder,
    async inspect(file) {
      const sha256 = createHash('sha256')
        .update(await readFile(file.path))
        .digest('hex');
      return known.once(`rows of ${sha256}`, () => engine.inspectFile(file));
    },
    async onFile(path) {
      const kept = join(folder, randomUUID());
      await link(path, kept);
      paths.push(kept);
    },
  });
  for (const { id, title, verdict, message } of findings) {
    const isReplaced = id === 'files' && !comparesRows && verdict === 'warned';
    const wanted = id === 'guarantees' || isReplaced ? 'warned' : 'passed';
    assert.equal(verdict, wanted, `${title}: ${message}`);
  }
  const manifest = Manifest.parse(received);
  if (comparesRows) await proveRows(proof, manifest, paths);
  return manifest;
}

async function proveRows(
  { engine, known, order, receiver }: Proof,
  { mode, window, format, compression, csv, rows, files }: Manifest,
  paths: readonly string[],
): Promise<void> {
  const { dataset, sourcePath } = order;
  const { customerColumn, deletedColumn: column } = dataset;
  const cursorColumn = mode === 'incremental' ? dataset.cursorColumn : null;
  const wanted = {
    customerColumn,
    customerValue: customerColumn === null ? null : receiver.customer.reference,
    format,
    compression,
    ...(csv && { csv }),
    ...(column !== null && { deleted: { column, keep: 'others' as const } }),
    ...(cursorColumn !== null && { window: { cursorColumn, ...window } }),
  };
  const question = JSON.stringify([wanted, files.map(({ sha256 }) => sha256)]);
  const comparison = await known.once(question, () =>
    engine.compareRows({ source: sourceAt(sourcePath), files: paths, ...wanted }),
  );
  assert.deepEqual(comparison, { equal: true, onlyInSource: 0, onlyInDelivery: 0, rows });
}

/** Records that were pushed lie beside, as lines of JSON. */
function sourceAt(path: string): EngineSource {
  if (!path.endsWith('.jsonl')) return parquetFile(path);
  const data = { type: 'files', files: [{ path, label: 'pushed records' }] } as const;
  return { inputs: [{ name: 'source', data, format: 'jsonl' }] };
}
