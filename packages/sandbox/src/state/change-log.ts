/**
 * The file that the state is rebuilt from: `state.log`, append-only.
 *
 * A line is a JSON array of changes that hold together: `[table, key, value]`
 * puts a record, `[table, key]` removes it. A line is written in one call before
 * its request is answered, so whatever was acknowledged survives the death of
 * the process (not of the machine: nothing is synced to the disk). A last line
 * without its line feed was never acknowledged and is cut off on opening. When
 * most lines are out of date the log is written anew beside the old one and
 * renamed over it.
 */
import { closeSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { SandboxError } from '../sandbox-error.ts';
import type { Change } from './table.ts';

/** How much of the log is read at a time. */
const readSizeBytes = 4 * 1024 * 1024;

export class ChangeLog {
  readonly #path: string;
  #fd: number;
  #length: number;
  #changes: number;

  private constructor(path: string, fd: number, length: number, changes: number) {
    this.#path = path;
    this.#fd = fd;
    this.#length = length;
    this.#changes = changes;
  }

  /**
   * Opens the log, making it where there is none, and hands every change in it to `apply`.
   *
   * @throws SandboxError `data_dir_damaged` when a line other than the last cannot be read.
   */
  static open(path: string, apply: (change: Change) => void): ChangeLog {
    const fd = openSync(path, 'a+', 0o600);
    let changes = 0;
    let line = 0;
    const { length, isTorn } = readLines(fd, (text) => {
      line++;
      for (const change of parseLine(text, path, line)) {
        apply(change);
        changes++;
      }
    });
    if (isTorn) ftruncateSync(fd, length);
    return new ChangeLog(path, fd, length, changes);
  }

  /** How many changes the log holds, out of date or not. */
  get changes(): number {
    return this.#changes;
  }

  /** Appends changes as one. When it throws, none of them is in the log. */
  append(changes: readonly Change[]): void {
    const line = Buffer.from(formatLine(changes));
    try {
      for (let at = 0; at < line.length; ) at += writeSync(this.#fd, line, at);
    } catch (error) {
      ftruncateSync(this.#fd, this.#length);
      throw error;
    }
    this.#length += line.length;
    this.#changes += changes.length;
  }

  /** Writes the log anew, with these changes only. */
  rewrite(changes: Iterable<Change>): void {
    const fresh = `${this.#path}.new`;
    const fd = openSync(fresh, 'w', 0o600);
    let count = 0;
    let length = 0;
    try {
      for (const batch of batches(changes)) {
        const bytes = Buffer.from(batch.map((change) => formatLine([change])).join(''));
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
        length += bytes.length;
        count += batch.length;
      }
      renameSync(fresh, this.#path);
    } finally {
      closeSync(fd);
    }
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#length = length;
    this.#changes = count;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Reads a file line by line, in the memory of one piece.
 *
 * @returns how long the lines are that ended, and whether one follows that did not.
 */
function readLines(
  fd: number,
  onLine: (text: string) => void,
): { readonly length: number; readonly isTorn: boolean } {
  const piece = Buffer.allocUnsafe(readSizeBytes);
  let carried: Buffer = Buffer.alloc(0);
  let at = 0;
  for (;;) {
    const bytes = readSync(fd, piece, 0, piece.length, at);
    if (bytes === 0) return { length: at - carried.length, isTorn: carried.length > 0 };
    at += bytes;
    const read = piece.subarray(0, bytes);
    const content = carried.length > 0 ? Buffer.concat([carried, read]) : read;
    let start = 0;
    for (let end = content.indexOf(0x0a); end >= 0; end = content.indexOf(0x0a, start)) {
      onLine(content.toString('utf8', start, end));
      start = end + 1;
    }
    carried = Buffer.from(content.subarray(start));
  }
}

function formatLine(changes: readonly Change[]): string {
  const rows = changes.map(({ table, key, value }) =>
    value === undefined ? [table, key] : [table, key, value],
  );
  return `${JSON.stringify(rows)}\n`;
}

function parseLine(text: string, path: string, line: number): Change[] {
  try {
    const rows = JSON.parse(text) as [string, string, unknown?][];
    return rows.map(([table, key, value]) => ({ table, key, value }));
  } catch (cause) {
    throw new SandboxError(
      'data_dir_damaged',
      `Cannot read line ${line} of "${path}": it is not a list of changes`,
      'Restore the folder from a copy, or start the sandbox on an empty one',
      { cause },
    );
  }
}

function* batches(changes: Iterable<Change>): Generator<Change[]> {
  let batch: Change[] = [];
  for (const change of changes) {
    batch.push(change);
    if (batch.length === 256) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}
