import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { UnsignedManifest } from '@causeway/contract';
import {
  newSigningKeyPem,
  openSigningKey,
  signManifest,
  type VerifyReport,
} from '@causeway/delivery';
import { exitCodes } from '../exit-codes.ts';
import { makePlace, type Place, runCommand } from '../testing/run-command.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';

const key = openSigningKey(newSigningKeyPem());
const rows = '{"origin":"ATL","delay":3}\n{"origin":"ATL","delay":-1}\n';
const fileKey = 'flights/dt=2026-11-22/run_1_00000.jsonl';
const manifestKey = '_manifests/flights/dt=2026-11-22/manifest_run_1.json';

function manifest(change: Partial<UnsignedManifest> = {}): UnsignedManifest {
  const bytes = Buffer.byteLength(rows);
  const sha256 = createHash('sha256').update(rows).digest('hex');
  return {
    ...sampleManifest,
    schema: [{ name: 'origin', type: 'VARCHAR', nullable: true }],
    rows: 2,
    bytes,
    files: [{ key: fileKey, rows: 2, bytes, sha256, etag: '"e"' }],
    ...change,
  };
}

describe('causeway verify', { timeout: 120_000 }, () => {
  let place: Place;

  /** What a receiver has after downloading one delivery and getting the operator's keys. */
  beforeEach(async () => {
    place = await makePlace();
    await write(`in/${fileKey}`, rows);
    await write(`in/${manifestKey}`, JSON.stringify(signManifest(manifest(), key)));
    await write('keys.json', JSON.stringify(key.publicKeys));
  });
  afterEach(() => place.remove());

  async function write(path: string, text: string) {
    const file = join(place.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const verify = (...more: string[]) =>
    runCommand(place, ['verify', 'in', '--keys', 'keys.json', ...more]);
  const verifyAsJson = async () => {
    const { exitCode, stdout } = await verify('--json');
    const [report] = JSON.parse(stdout) as VerifyReport[];
    const failed = report?.findings.filter(({ verdict }) => verdict === 'failed');
    return { exitCode, report, failed: failed?.map(({ id }) => id) };
  };

  it('exits with 0 for a delivery that is as it was sent, and tells what it proved', async () => {
    const { exitCode, stdout, stderr } = await verify();

    assert.equal(stderr, '');
    assert.equal(exitCode, 0);
    assert.match(stdout, /✓ The manifest is signed by the operator/);
    assert.match(stdout, /passed: 2 rows, 55 B, flights, number 1/);
  });

  it('prints the findings as JSON', async () => {
    const { exitCode, report, failed } = await verifyAsJson();

    assert.equal(exitCode, 0);
    assert.deepEqual(failed, []);
    assert.equal(report?.verdict, 'passed');
    assert.equal(report?.manifest.runId, 'run_1');
  });

  it('leaves nothing behind on the machine of the receiver', async () => {
    await verify();

    assert.deepEqual((await readdir(place.folder)).toSorted(), ['in', 'keys.json']);
  });

  it('leaves alone what else lies in the data folder', async () => {
    await write('data/other', 'x');

    await verify();

    assert.deepEqual(await readdir(join(place.folder, 'data')), ['other']);
  });

  it('exits with 3 when one byte of a file was changed', async () => {
    await write(`in/${fileKey}`, rows.replace('3', '4'));

    const { exitCode, failed } = await verifyAsJson();

    assert.equal(exitCode, exitCodes.notProved);
    assert.deepEqual(failed, ['checksums']);
  });

  it('verifies every delivery of a dataset, not the newest alone', async () => {
    const later = manifest({ runId: 'run_2', deliveryId: 'dlv_2', rows: 0, bytes: 0, files: [] });
    await write(
      `in/${manifestKey.replace('run_1', 'run_2')}`,
      JSON.stringify(signManifest(later, key)),
    );
    await write(`in/${fileKey}`, rows.replace('3', '4'));

    const { exitCode, stdout } = await verify('--json');

    assert.equal(exitCode, exitCodes.notProved);
    assert.deepEqual(
      (JSON.parse(stdout) as VerifyReport[]).map(({ manifest: { runId }, verdict }) => [
        runId,
        verdict,
      ]),
      [
        ['run_1', 'failed'],
        ['run_2', 'passed'],
      ],
    );
  });

  it('exits with 3 when one byte of the manifest was changed', async () => {
    const file = join(place.folder, 'in', manifestKey);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('cus_1', 'cus_2'));

    const { exitCode, failed } = await verifyAsJson();

    assert.equal(exitCode, exitCodes.notProved);
    assert.ok(failed?.includes('signature'));
  });

  it('verifies with a key that is pinned, without any file of keys', async () => {
    const pinned = key.publicKeys.keys[0]?.publicKey ?? '';
    const stranger = openSigningKey(newSigningKeyPem()).publicKeys.keys[0]?.publicKey ?? '';

    const right = await runCommand(place, ['verify', 'in', '--key', pinned]);
    const wrong = await runCommand(place, ['verify', 'in', '--key', stranger]);
    const none = await runCommand(place, ['verify', 'in']);
    const short = await runCommand(place, ['verify', 'in', '--key', pinned.slice(4)]);

    assert.equal(right.exitCode, 0, right.stderr);
    assert.equal(wrong.exitCode, exitCodes.notProved);
    assert.deepEqual([none.exitCode, short.exitCode], [exitCodes.usage, exitCodes.usage]);
  });

  it('exits with 3 when a manifest cannot be read, and verifies the others', async () => {
    await write(`in/${manifestKey.replace('run_1', 'run_2')}`, '{"version":1');

    const { exitCode, stdout } = await verify();

    assert.equal(exitCode, exitCodes.notProved);
    assert.match(stdout, /manifest_run_2\.json\n.*✗ The manifest can be read: it is not JSON/);
    assert.match(stdout, /✓ Every file is unchanged/);
  });

  it('exits with 3 when the keys are those of somebody else', async () => {
    const stranger = openSigningKey(newSigningKeyPem());
    await write('keys.json', JSON.stringify(stranger.publicKeys));

    const { exitCode, stdout } = await verify();

    assert.equal(exitCode, exitCodes.notProved);
    assert.match(stdout, /✗ The manifest is signed by the operator: .*none of the 1 given/);
  });

  it('exits with 1 when there is nothing to verify', async () => {
    await mkdir(join(place.folder, 'empty'));

    for (const target of ['empty', 'nowhere', 'keys.json']) {
      const { exitCode, stderr } = await runCommand(place, [
        'verify',
        target,
        '--keys',
        'keys.json',
      ]);

      assert.equal(exitCode, exitCodes.failed);
      assert.match(stderr, /error manifest_not_found: .*there is no manifest\n.*"_manifests"/);
    }
  });

  it('exits with 1 when there are no keys to verify with', async () => {
    await write('keys.json', '{"keys":"none"}');
    const wrong = await verify();
    const missing = await runCommand(place, ['verify', 'in', '--keys', 'none.json']);
    // Port 9 is "discard": nothing listens there.
    const silent = await runCommand(place, ['verify', 'in', '--keys', 'http://127.0.0.1:9/k.json']);

    for (const { exitCode, stderr } of [wrong, missing, silent]) {
      assert.equal(exitCode, exitCodes.failed);
      assert.match(stderr, /^error invalid_request: .*--keys /);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
    assert.match(wrong.stderr, /holds no public keys/);
  });

  it('never lets a manifest steer the terminal', async () => {
    const hostile = signManifest(manifest({ dataset: 'x\x1b[2J\x9b31m' }), key);
    await write(`in/${manifestKey}`, JSON.stringify(hostile));

    const shown = await verify();
    const json = await verify('--json');

    for (const { stdout } of [shown, json]) {
      assert.doesNotMatch(stdout.replaceAll('\n', ''), /\p{Cc}/u);
      assert.match(stdout, /x\\u001b\[2J\\u009b31m/);
    }
  });

  it('says that there are no AWS credentials before it calls AWS', async () => {
    const { exitCode, stderr } = await runCommand(
      place,
      ['verify', 's3://acme-data/causeway/', '--keys', 'keys.json'],
      { AWS_EC2_METADATA_DISABLED: 'true' },
    );

    assert.equal(exitCode, exitCodes.failed);
    assert.match(stderr, /there are no AWS credentials: set AWS_ACCESS_KEY_ID/);
    assert.ok(!existsSync(join(place.folder, 'data')));
  });
});
