import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  CausewayError,
  Compression,
  CsvForm,
  defaultKeyTemplate,
  Format,
  type Manifest,
  type ManifestFile,
  type PublicKeySet,
  type ReceivedManifest,
} from '@causeway/contract';
import type { ObjectReader } from '@causeway/objectstore';
import {
  dataPrefix,
  fileExtension,
  isTombstonesKey,
  manifestPrefix,
  parseManifestKey,
} from './object-keys.ts';
import { type FoundManifest, readManifest } from './read-manifest.ts';
import { verifySignature } from './signature.ts';
import { describeWeaker } from './weaker-guarantees.ts';

export interface VerifyInput {
  readonly reader: ObjectReader;
  readonly manifestKey: string;
  /** The operator's public keys, got from the operator and not from the bucket. */
  readonly keys: PublicKeySet;
  /** Files are fetched to here, one at a time, to count their rows. */
  readonly tempDir: string;
  /** Counts the rows of a local file. */
  readonly inspect: (
    file: { readonly path: string } & Pick<Manifest, 'format' | 'compression' | 'csv'>,
  ) => Promise<{ readonly rows: number }>;
  /** Called with each verified file of rows while it is still on disk. */
  readonly onFile?: (path: string, file: ManifestFile) => Promise<void>;
}

export interface VerifyFinding {
  readonly id:
    | 'signature'
    | 'files'
    | 'checksums'
    | 'rows'
    | 'sequence'
    | 'stray_files'
    | 'guarantees';
  readonly title: string;
  readonly verdict: 'passed' | 'failed' | 'warned';
  readonly message: string;
}

export interface VerifyReport {
  readonly verdict: 'passed' | 'failed';
  /** As far as this version knows its members. */
  readonly manifest: ReceivedManifest;
  readonly findings: readonly VerifyFinding[];
}

/**
 * Proves a delivery from the receiver's side, with no more than the files and the
 * operator's public keys: who signed it, that every file is there and unchanged,
 * that the rows add up, and that no delivery before it is missing.
 *
 * @throws CausewayError As `readManifest`.
 */
export async function verifyDelivery(input: VerifyInput): Promise<VerifyReport> {
  const { reader, manifestKey, keys } = input;
  const found = await readManifest(reader, manifestKey);
  const { manifest } = found;
  const files = await verifyFiles(input, manifest);
  const siblings = await readSiblings(input, found);
  const findings = [
    signatureFinding(found, keys),
    ...files.map((each) => excuseReplaced(each, replacementOf(input, manifest, siblings))),
    sequenceFinding(input, manifest, siblings),
    await strayFinding(input, manifest, siblings.manifests),
    ...guaranteesFinding(manifest),
  ];
  const failed = findings.some((finding) => finding.verdict === 'failed');
  return { verdict: failed ? 'failed' : 'passed', manifest, findings };
}

/** The number of a later delivery that took the place of this one, by its signed word. */
function replacementOf(
  { keys }: VerifyInput,
  { runId, deliveryId }: ReceivedManifest,
  { manifests }: ReadManifests,
): number | null {
  for (const found of manifests.values()) {
    const { replaces = [], sequence, deliveryId: other } = found.manifest;
    if (other !== deliveryId || !replaces.includes(runId)) continue;
    if (verifySignature(found.document, keys) === 'valid') return sequence;
  }
  return null;
}

/** Files that are gone are missed no more once others have taken their place. */
function excuseReplaced(found: VerifyFinding, replacement: number | null): VerifyFinding {
  if (replacement === null || found.id !== 'files' || found.verdict !== 'failed') return found;
  const message = `Deleted when number ${replacement} took their place: ${found.message}`;
  return { ...found, verdict: 'warned', message };
}

/** Nothing of it is wrong, and the receiver knows what the store could not promise. */
function guaranteesFinding({ weakerGuarantees = [] }: ReceivedManifest): VerifyFinding[] {
  if (weakerGuarantees.length === 0) return [];
  return [
    {
      id: 'guarantees',
      title: 'The store guarantees what S3 does',
      verdict: 'warned',
      message: `When this was delivered, ${describeWeaker(weakerGuarantees)}`,
    },
  ];
}

/**
 * The keys of all manifests under a prefix, in the order of their days.
 *
 * @throws CausewayError `manifest_not_found` if there is none.
 */
async function findManifests(reader: ObjectReader, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of reader.listObjects(prefix)) {
    if (parseManifestKey(key)) found.push(key);
  }
  if (found.length === 0) {
    throw new CausewayError('manifest_not_found', { where: `${reader.name}/${prefix}` });
  }
  return found;
}

/** A manifest that cannot be read: written over, cut off, or of a version that is not known here. */
export interface DamagedManifest {
  readonly key: string;
  readonly message: string;
}

/**
 * The keys of the newest manifest of each delivery under a prefix, since verifying those follows
 * every sequence back to its first; and what cannot be read, which hides none of the others.
 *
 * @throws CausewayError `manifest_not_found`.
 */
export async function newestManifests(
  reader: ObjectReader,
  prefix = '',
): Promise<{ readonly newest: string[]; readonly damaged: DamagedManifest[] }> {
  const { manifests, damaged } = await readAll(reader, await findManifests(reader, prefix));
  const newest = new Map<string, { readonly key: string; readonly sequence: number }>();
  for (const [key, { manifest }] of manifests) {
    const { deliveryId, sequence } = manifest;
    const known = newest.get(deliveryId);
    if (!known || known.sequence < sequence) newest.set(deliveryId, { key, sequence });
  }
  return { newest: Array.from(newest.values(), ({ key }) => key), damaged };
}

interface ReadManifests {
  readonly manifests: ReadonlyMap<string, FoundManifest>;
  readonly damaged: DamagedManifest[];
}

async function readAll(reader: ObjectReader, keys: readonly string[]): Promise<ReadManifests> {
  const manifests = new Map<string, FoundManifest>();
  const damaged: DamagedManifest[] = [];
  for (const key of keys) {
    try {
      manifests.set(key, await readManifest(reader, key));
    } catch (error) {
      if (CausewayError.is(error, 'manifest_invalid')) {
        damaged.push({ key, message: error.details.reason });
      } else if (CausewayError.is(error, 'manifest_version_not_supported')) {
        const { version, supported } = error.details;
        const message = `its version is ${version}, and this program reads version ${supported}`;
        damaged.push({ key, message });
      } else throw error;
    }
  }
  return { manifests, damaged };
}

/** The manifests that lie beside one, itself included. */
async function readSiblings(input: VerifyInput, found: FoundManifest): Promise<ReadManifests> {
  const place = parseManifestKey(input.manifestKey);
  if (!place) return { manifests: new Map([[input.manifestKey, found]]), damaged: [] };
  return readAll(input.reader, await findManifests(input.reader, manifestPrefix(place)));
}

function signatureFinding(
  { manifest, document }: FoundManifest,
  keys: PublicKeySet,
): VerifyFinding {
  const verdict = verifySignature(document, keys);
  const { publicKeyId } = manifest.signature;
  const message = {
    valid: `Signed by key ${publicKeyId}`,
    invalid: `The signature of key ${publicKeyId} does not fit: the manifest was changed`,
    unknown_key: `Signed by key ${publicKeyId}, which is none of the ${keys.keys.length} given`,
  }[verdict];
  return {
    id: 'signature',
    title: 'The manifest is signed by the operator',
    verdict: verdict === 'valid' ? 'passed' : 'failed',
    message,
  };
}

/** Fetches every file once: its bytes are hashed on the way to disk, then its rows counted there. */
async function verifyFiles(
  input: VerifyInput,
  manifest: ReceivedManifest,
): Promise<VerifyFinding[]> {
  const form = formOf(manifest);
  const missing: string[] = [];
  const changed: string[] = [];
  const miscounted: string[] = [];
  const folder = await mkdtemp(join(input.tempDir, 'verify-'));
  try {
    for (const file of [...manifest.files, ...manifest.tombstones]) {
      const path = join(folder, `file.${form ? fileExtension(form) : 'data'}`);
      const found = await fetchFile(input.reader, foundKey(input, manifest, file.key), path);
      if (found === null) missing.push(`"${file.key}"`);
      else if (found !== file.sha256) changed.push(`"${file.key}" has SHA-256 ${found}`);
      else {
        const rows = form ? (await input.inspect({ path, ...form })).rows : file.rows;
        if (rows !== file.rows) miscounted.push(`"${file.key}" has ${rows} rows, not ${file.rows}`);
        if (manifest.files.includes(file)) await input.onFile?.(path, file);
      }
      await rm(path, { force: true });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const sum = manifest.files.reduce((rows, file) => rows + file.rows, 0);
  if (sum !== manifest.rows) {
    miscounted.push(`the files add up to ${sum} rows, not ${manifest.rows}`);
  }
  const count = manifest.files.length + manifest.tombstones.length;
  return [
    finding('files', 'Every file is there', missing, `${count} of ${count} files`),
    finding('checksums', 'Every file is unchanged', changed, `SHA-256 of ${count} files`),
    form || miscounted.length > 0
      ? finding('rows', rowsTitle, miscounted, `${manifest.rows} rows`)
      : notCounted(manifest),
  ];
}

const rowsTitle = 'The rows add up';

function notCounted({ format, compression }: ReceivedManifest): VerifyFinding {
  const message = `Not counted: this version does not read "${format}" with "${compression}" as it was written here`;
  return { id: 'rows', title: rowsTitle, verdict: 'warned', message };
}

/** How to read the files; null if this version cannot: nothing is guessed. */
function formOf({ format, compression, csv }: ReceivedManifest) {
  const form = {
    format: Format.safeParse(format).data,
    compression: Compression.safeParse(compression).data,
    csv: CsvForm.optional().safeParse(csv),
  };
  if (!form.format || !form.compression || !form.csv.success) return null;
  const { data } = form.csv;
  return { format: form.format, compression: form.compression, ...(data && { csv: data }) };
}

/**
 * Where a file named in the manifest lies now: with its manifest, which a receiver may
 * have copied elsewhere without the prefix of its bucket.
 */
function foundKey(input: VerifyInput, { layout }: ReceivedManifest, key: string): string {
  const place = parseManifestKey(input.manifestKey);
  if (!place) return key;
  const below = layout ? key.slice(layout.prefix.length) : key.split('/').slice(-3).join('/');
  return place.prefix + below;
}

/** The SHA-256 of the file's bytes, now at `path`; null if it is not there. */
async function fetchFile(reader: ObjectReader, key: string, path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    const stream = await reader.getObject(key);
    stream.on('data', (chunk) => hash.update(chunk));
    await pipeline(stream, createWriteStream(path));
  } catch (error) {
    if (CausewayError.is(error, 'object_not_found')) return null;
    throw error;
  }
  return hash.digest('hex');
}

/**
 * Follows the deliveries back to the first: numbers without a gap, each naming the one before.
 * Later ones are looked at too, so that it is seen when one was taken out above.
 */
function sequenceFinding(
  { keys }: VerifyInput,
  manifest: ReceivedManifest,
  { manifests, damaged }: ReadManifests,
): VerifyFinding {
  const byNumber = new Map<number, ReceivedManifest>();
  const problems = damaged.map(({ key, message }) => `"${key}" cannot be read: ${message}`);
  for (const [key, { manifest: other, document }] of manifests) {
    if (other.deliveryId !== manifest.deliveryId) continue;
    if (verifySignature(document, keys) !== 'valid') problems.push(`"${key}" is not signed`);
    if (byNumber.has(other.sequence)) problems.push(`number ${other.sequence} stands twice`);
    byNumber.set(other.sequence, other);
  }
  const last = Math.max(manifest.sequence, ...byNumber.keys());
  for (let number = last; number >= 1; number--) {
    const current = byNumber.get(number);
    const before = byNumber.get(number - 1);
    if (!current) problems.push(`number ${number} is missing`);
    else if (current.previousRunId !== (before?.runId ?? null)) {
      problems.push(`number ${number} does not follow number ${number - 1}`);
    }
  }
  const later = last > manifest.sequence ? `, nor up to number ${last}` : '';
  const passed = `number ${manifest.sequence}, none missing before it${later}`;
  return finding('sequence', 'No delivery is missing', problems, passed);
}

/** Files that no manifest names: left by a run that was cut short, not part of any delivery. */
async function strayFinding(
  input: VerifyInput,
  manifest: ReceivedManifest,
  siblings: ReadManifests['manifests'],
): Promise<VerifyFinding> {
  const named = new Set<string>();
  const folders = new Set<string>([folderOf(input, manifest)]);
  for (const { manifest: sibling } of siblings.values()) {
    for (const file of [...sibling.files, ...sibling.tombstones]) {
      named.add(foundKey(input, sibling, file.key));
    }
    folders.add(folderOf(input, sibling));
  }
  const strays = new Set<string>();
  for (const folder of folders) {
    for await (const { key } of input.reader.listObjects(folder)) {
      if (!named.has(key)) strays.add(`"${key}"`);
    }
  }
  const place = parseManifestKey(input.manifestKey);
  if (place) {
    for await (const { key } of input.reader.listObjects(manifestPrefix(place))) {
      if (isTombstonesKey(key) && !named.has(key)) strays.add(`"${key}"`);
    }
  }
  const title = 'Every file belongs to a delivery';
  const result = finding('stray_files', title, [...strays], 'no stray files');
  return strays.size > 0 ? { ...result, verdict: 'warned' } : result;
}

/** Where the files of the manifest's delivery lie now. */
function folderOf(input: VerifyInput, manifest: ReceivedManifest): string {
  const prefix = parseManifestKey(input.manifestKey)?.prefix ?? '';
  const keyTemplate =
    manifest.layout?.keyTemplate ??
    defaultKeyTemplate({ partitioned: false, filePerRecord: false });
  return dataPrefix({ ...manifest, prefix, keyTemplate });
}

function finding(
  id: VerifyFinding['id'],
  title: string,
  problems: readonly string[],
  passed: string,
): VerifyFinding {
  if (problems.length === 0) return { id, title, verdict: 'passed', message: passed };
  const shown = problems.slice(0, 5).join('; ');
  const more = problems.length > 5 ? ` and ${problems.length - 5} more` : '';
  return { id, title, verdict: 'failed', message: `${shown}${more}` };
}
