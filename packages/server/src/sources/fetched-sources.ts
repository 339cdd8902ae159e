import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BucketSource, explainFullDisk, type HttpSource } from '@causeway/contract';
import type { DuckDbEngine, InputFile } from '@causeway/engine';
import { inputOf, saidFormat, settleForm } from './file-form.ts';
import { notReadable } from './not-readable.ts';
import type { SourceKind } from './source-kind.ts';
import { fingerprintVersion, newestOf } from './source-version.ts';

/** A source whose files are elsewhere: how they are found, and read. */
export interface RemoteFiles {
  /** @throws CausewayError `source_not_readable`. */
  find(): Promise<readonly RemoteFile[]>;
  /**
   * The bytes of one from `from` on, of the very version that was found.
   *
   * @throws CausewayError `source_not_readable`; {@link PassingFailure} for what may pass.
   */
  read(
    file: RemoteFile,
    from: number,
  ): Promise<{ readonly from: number; readonly body: AsyncIterable<Buffer> }>;
  close(): void;
}

export interface RemoteFile {
  /** What messages call it. */
  readonly label: string;
  /** Null when it is only known at the end. */
  readonly bytes: number | null;
  /** Null when nobody can tell. */
  readonly modifiedAt: Date | null;
  /** Whatever else tells one version of it from another. */
  readonly tag: string;
}

/** The network, or a server that may recover. */
export class PassingFailure extends Error {}

export interface FetchDeps {
  readonly engine: Pick<DuckDbEngine, 'sniffCsv' | 'makeFolder'>;
  /** Of all files of a source together. */
  readonly limitBytes: number;
  readonly retryDelayMs: number;
}

type Fetched = HttpSource | BucketSource;

/**
 * Sources that are fetched to this machine, once for each run, into a folder that goes
 * with the run. What breaks off is taken up where it broke.
 */
export function fetchedSources<S extends Fetched>(
  reach: (source: S, signal: AbortSignal | undefined) => RemoteFiles,
  nameOf: (source: S) => string,
  deps: FetchDeps,
): SourceKind<S> {
  const withRemote = async <T>(
    source: S,
    signal: AbortSignal | undefined,
    work: (remote: RemoteFiles) => Promise<T>,
  ): Promise<T> => {
    const remote = reach(source, signal);
    try {
      return await work(remote);
    } finally {
      remote.close();
    }
  };
  const download = (source: S, signal: AbortSignal | undefined, most?: number) =>
    withRemote(source, signal, (remote) => fetchFiles(remote, deps, signal, most));
  return {
    async settle(source, signal) {
      const name = nameOf(source);
      const said = saidFormat(source, name);
      if (said !== null && said !== 'csv') return settleForm(source, name, [], deps.engine, signal);
      const fetched = await download(source, signal, 1);
      try {
        return await settleForm(source, name, fetched.files, deps.engine, signal);
      } finally {
        await fetched.close();
      }
    },
    version: (source, signal) =>
      withRemote(source, signal, async (remote) => versionOf(await remote.find())),
    async open({ source, schema }, signal) {
      const { files, version, close } = await download(source, signal);
      return { source: { inputs: [inputOf({ source, schema }, files)] }, version, close };
    },
  };
}

function versionOf(files: readonly RemoteFile[]): string | null {
  const times = files.map(({ modifiedAt }) => modifiedAt).filter((time) => time !== null);
  if (times.length < files.length) return null;
  return fingerprintVersion(
    newestOf(times),
    files.flatMap(({ label, tag }) => [label, tag]),
  );
}

/** All that there are, or the first so many. */
async function fetchFiles(
  remote: RemoteFiles,
  deps: FetchDeps,
  signal: AbortSignal | undefined,
  most?: number,
) {
  const found = (await remote.find()).slice(0, most);
  const folder = await deps.engine.makeFolder();
  const close = () => folder.remove();
  try {
    const files: InputFile[] = [];
    let left = deps.limitBytes;
    for (const [index, file] of found.entries()) {
      const path = join(folder.path, `file_${index}`);
      left -= await fetchFile(remote, file, { path, limitBytes: left }, deps, signal);
      files.push({ path, label: file.label });
    }
    return { files, version: versionOf(found), close };
  } catch (error) {
    await close();
    throw explainFullDisk(error, 'what is fetched of a source');
  }
}

/** How often in a row an attempt may bring nothing. */
const maximumFruitless = 5;

/** @returns how many bytes it has. */
async function fetchFile(
  remote: RemoteFiles,
  file: RemoteFile,
  target: { readonly path: string; readonly limitBytes: number },
  { limitBytes, retryDelayMs }: FetchDeps,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { path, limitBytes: left } = target;
  const refuseLarge = () => {
    throw notReadable(
      file.label,
      `it is larger than the ${Math.floor(limitBytes / 1048576)} MB that CAUSEWAY_DOWNLOAD_LIMIT_MB allows`,
    );
  };
  if (file.bytes !== null && file.bytes > left) refuseLarge();
  let fruitless = 0;
  let received = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const { from, body } = await remote.read(file, received);
      await save(body, path, from, left, refuseLarge);
      return (await stat(path)).size;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      const now = await sizeOf(path);
      fruitless = now > received ? 0 : fruitless + 1;
      received = now;
      if (fruitless >= maximumFruitless) throw notReadable(file.label, error.message, error);
      await delay(retryDelayMs * 2 ** fruitless, undefined, { ...(signal && { signal }) });
    }
  }
}

/** Chunk by chunk, so that what has arrived when it breaks off is kept. */
async function save(
  body: AsyncIterable<Buffer>,
  path: string,
  from: number,
  limitBytes: number,
  refuseLarge: () => void,
): Promise<void> {
  const file = await open(path, from === 0 ? 'w' : 'r+');
  try {
    let bytes = from;
    for await (const chunk of body) {
      if (bytes + chunk.length > limitBytes) refuseLarge();
      await file.write(chunk, 0, chunk.length, bytes);
      bytes += chunk.length;
    }
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
