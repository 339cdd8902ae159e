import { mkdir, mkdtemp, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError, PublicKeySet, parseLocation } from '@causeway/contract';
import {
  type DamagedManifest,
  newestManifests,
  parseManifestKey,
  publicKeyEntry,
  type VerifyInput,
  type VerifyReport,
  verifyDelivery,
} from '@causeway/delivery';
import { createDuckDbEngine } from '@causeway/engine';
import { type ObjectReader, openFolder } from '@causeway/objectstore';
import { dataDir } from '../environment.ts';
import { exitCodes } from '../exit-codes.ts';
import { style, verdictMark } from '../terminal/style.ts';
import { formatBytes, formatCount, printable, toJson } from '../terminal/table.ts';
import { openReceiverBucket, type ReceiverOptions } from './receiver-bucket.ts';

export interface VerifyOptions extends ReceiverOptions {
  /** A file or a URL. */
  readonly keys?: string;
  /** Public keys in base64, got by another way than the bucket. */
  readonly key?: readonly string[];
  readonly json?: boolean;
}

/**
 * Verifies one delivery, or the newest of each delivery under a folder or prefix,
 * and prints what was found. Sets the exit code if anything is not as it should be.
 */
export async function runVerify(target: string, options: VerifyOptions): Promise<void> {
  const keys = await givenKeys(options);
  const { reader, manifestKeys, damaged, close } = await openTarget(target, options);
  await mkdir(dataDir(), { recursive: true });
  const tempDir = await mkdtemp(join(dataDir(), 'verify-'));
  const engine = createDuckDbEngine({
    tempDir,
    memoryLimitMb: 512,
    threads: 2,
    keepsProcesses: true,
  });
  try {
    const reports: VerifyReport[] = [];
    for (const manifestKey of manifestKeys) {
      const inspect: VerifyInput['inspect'] = (file) => engine.inspectFile(file);
      const report = await verifyDelivery({ reader, manifestKey, keys, tempDir, inspect });
      if (!options.json) console.log(showReport(report, manifestKey));
      reports.push(report);
    }
    if (options.json) console.log(toJson([...reports, ...damaged.map(damagedReport)]));
    else for (const manifest of damaged) console.log(showDamaged(manifest));
    if (damaged.length > 0 || reports.some(({ verdict }) => verdict === 'failed')) {
      process.exitCode = exitCodes.notProved;
    }
  } finally {
    await engine.close();
    close();
    await rm(tempDir, { recursive: true, force: true });
    // A receiver keeps nothing: the folder goes too, unless there is more in it.
    await rmdir(dataDir()).catch(() => {});
  }
}

/** A verification as people read it. */
export function showReport(report: VerifyReport, manifestKey: string): string {
  const { manifest, findings, verdict } = report;
  return [
    style('bold', printable(manifestKey)),
    ...findings.map(
      (finding) =>
        `  ${verdictMark(finding.verdict)} ${finding.title}: ${printable(finding.message)}`,
    ),
    `  ${style('dim', 'not proved: where the rows came from, and that no later delivery was taken away')}`,
    `  ${verdict}: ${formatCount(manifest.rows)} rows, ${formatBytes(manifest.bytes)}, ${printable(manifest.dataset)}, number ${manifest.sequence}`,
  ].join('\n');
}

/** In the JSON beside the reports, by the same members as far as there are any. */
function damagedReport({ key, message }: DamagedManifest) {
  return { verdict: 'failed' as const, manifestKey: key, manifest: null, message, findings: [] };
}

function showDamaged({ key, message }: DamagedManifest): string {
  return [
    style('bold', printable(key)),
    `  ${verdictMark('failed')} The manifest can be read: ${printable(message)}`,
    '  failed: what it was cannot be told',
  ].join('\n');
}

/** Those of the file or URL, and those that are named themselves. */
async function givenKeys({ keys, key: pinned = [] }: VerifyOptions): Promise<PublicKeySet> {
  const entries = pinned.map(publicKeyEntry);
  if (keys === undefined) return { keys: entries };
  return { keys: [...entries, ...(await readKeys(keys)).keys] };
}

async function readKeys(source: string): Promise<PublicKeySet> {
  const isUrl = /^https?:\/\//.test(source);
  const path = `--keys ${source}`;
  try {
    const text = isUrl ? await fetchText(source) : await readFile(source, 'utf8');
    const parsed = PublicKeySet.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error('holds no public keys of Causeway');
    return parsed.data;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CausewayError('invalid_request', { issues: [{ path, message }] }, { cause });
  }
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url).catch((error: Error) => {
    throw error.cause instanceof Error ? error.cause : error;
  });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return response.text();
}

interface Target {
  readonly reader: ObjectReader;
  readonly manifestKeys: readonly string[];
  readonly damaged: readonly DamagedManifest[];
  close(): void;
}

async function openTarget(target: string, options: VerifyOptions): Promise<Target> {
  if (!target.startsWith('s3://')) return openLocal(target);
  if (parseManifestKey(target) === null) parseLocation(target);
  const { store, key } = await openReceiverBucket(target, options);
  const isManifest = parseManifestKey(key) !== null;
  const found = isManifest ? { newest: [key], damaged: [] } : await newestManifests(store, key);
  const { newest: manifestKeys, damaged } = found;
  return { reader: store, manifestKeys, damaged, close: () => store.close() };
}

async function openLocal(path: string): Promise<Target> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) throw new CausewayError('manifest_not_found', { where: path });
  const reader = openFolder(path);
  const { newest: manifestKeys, damaged } = await newestManifests(reader, '');
  return { reader, manifestKeys, damaged, close: () => {} };
}
