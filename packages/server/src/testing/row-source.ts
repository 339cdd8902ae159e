import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Manifest, PublicKeySet, type Run, type Window } from '@causeway/contract';
import { verifyDelivery } from '@causeway/delivery';
import { createS3Store } from '@causeway/objectstore';
import { rootCredentials } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';
import { type DeliveryStage, type Order, type OrderChange, recipientOf } from './delivery-stage.ts';
import type { Receiver } from './receiver.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Rows of a test's own as a source, and what is delivered of them, read back. */
export interface RowSource {
  /** The rows that there are from now on. */
  write(rows: readonly Row[]): Promise<void>;
  order(receivers: readonly Receiver[], change?: OrderChange): Promise<Order>;
}

export interface Delivered {
  readonly run: Run;
  readonly manifest: Manifest;
  readonly rows: readonly Row[];
  readonly tombstones: readonly Row[];
}

/** A file of JSON lines; `types` are those of the columns. */
export function rowSource(
  stage: DeliveryStage,
  types: Readonly<Record<string, string>>,
): RowSource {
  const name = `rows-${randomBytes(4).toString('hex')}.jsonl`;
  const path = join(stage.configuration.sourceDirs[0] ?? '', name);
  const columns = Object.entries(types).map(([column, type]) => ({ name: column, type }));
  return {
    write: (rows) => writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
    order: (receivers, { dataset, delivery } = {}) =>
      stage.order(receivers, {
        dataset: { source: { type: 'file', path, columns }, customerColumn: null, ...dataset },
        delivery: { format: 'jsonl', ...delivery },
      }),
  };
}

/** Runs an order, and reads what the receiver has got by it of JSON lines. */
export async function deliver(
  stage: DeliveryStage,
  order: Order,
  receiver: Receiver,
  window?: Window,
): Promise<Delivered> {
  return received(stage, receiver, await stage.ended(await stage.startRun(order, window)));
}

/** What a receiver has got by a run of JSON lines. */
export async function received(
  stage: DeliveryStage,
  receiver: Receiver,
  run: Run,
): Promise<Delivered> {
  const { state, failure, manifestKey } = recipientOf(run, receiver);
  assert.equal(state, 'delivered', JSON.stringify(failure));
  const manifest = Manifest.parse(JSON.parse(await readText(stage, receiver, manifestKey ?? '')));
  const rowsOf = async (files: Manifest['files']) => {
    const texts = await Promise.all(files.map(({ key }) => readText(stage, receiver, key)));
    const lines = texts
      .join('')
      .split('\n')
      .filter((line) => line !== '');
    assert.equal(
      lines.length,
      files.reduce((sum, { rows }) => sum + rows, 0),
    );
    return lines.map((line) => JSON.parse(line) as Row);
  };
  const { files, tombstones } = manifest;
  return { run, manifest, rows: await rowsOf(files), tombstones: await rowsOf(tombstones) };
}

async function readText(stage: DeliveryStage, receiver: Receiver, key: string): Promise<string> {
  const { bucket, accountId } = receiver.connection;
  const { s3 } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  return (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** All keys of a dataset's files, without manifests. */
export async function dataKeys(
  stage: DeliveryStage,
  { connection: { bucket, accountId, prefix } }: Receiver,
  { dataset }: Order,
): Promise<string[]> {
  const { s3 } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);
  const Prefix = `${prefix}${dataset.name}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
  return Contents.flatMap(({ Key }) => Key ?? []);
}

/** What a receiver finds by its own means, by the id of the finding. */
export async function verified(
  stage: DeliveryStage,
  receiver: Receiver,
  run: Run,
): Promise<Readonly<Record<string, string>>> {
  const { bucket, accountId } = receiver.connection;
  const keys = await (await fetch(`${stage.api.url}/.well-known/causeway-keys.json`)).json();
  const reader = createS3Store({
    bucket,
    region: 'us-east-1',
    endpoint: stage.configuration.aws.endpoint ?? '',
    expectedBucketOwner: accountId,
    credentials: rootCredentials(accountId),
  });
  try {
    const { findings } = await verifyDelivery({
      reader,
      manifestKey: recipientOf(run, receiver).manifestKey ?? '',
      keys: PublicKeySet.parse(keys),
      tempDir: stage.configuration.sourceDirs[0] ?? '',
      inspect: (file) => stage.engine.inspectFile(file),
    });
    return Object.fromEntries(
      findings.map(({ id, verdict, message }) => [id, `${verdict}: ${message}`]),
    );
  } finally {
    reader.close();
  }
}
