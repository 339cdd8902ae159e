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
import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { SandboxError } from '../sandbox-error.ts';
import type { Change } from './table.ts';

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
    const content = readFileSync(path);
    const length = content.lastIndexOf(0x0a) + 1;
    let changes = 0;
    let line = 0;
    for (let start = 0; start < length; ) {
      const end = content.indexOf(0x0a, start);
      line++;
      for (const change of parseLine(content.toString('utf8', start, end), path, line)) {
        apply(change);
        changes++;
      }
      start = end + 1;
    }
    if (length < content.length) ftruncateSync(fd, length);
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
