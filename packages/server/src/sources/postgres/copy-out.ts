import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { PostgresSource } from '@causeway/contract';
import type { WrittenCsv } from '@causeway/engine';
import pg from 'pg';
import type { FinishRows } from './finish-rows.ts';
import { toPostgresFailure } from './postgres-failure.ts';
import type { PostgresSession } from './postgres-session.ts';

/**
 * The rows of a `COPY ... TO STDOUT`, as they come: what is not read stays with the server,
 * so memory does not grow with the table. Takes the session's connection over and closes it
 * at the end, or when the stream is destroyed; the server then ends the statement.
 *
 * Every row is a message of its own, of which only the head is looked at: a table of two
 * million rows as that many events of `pg` would take as long as the server takes to write it.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
export function copyOut(
  { client }: Pick<PostgresSession, 'client'>,
  statement: string,
  source: PostgresSource,
  finish: FinishRows = (rows) => rows,
): WrittenCsv {
  const { connection } = client;
  const socket = connection.stream as Socket;
  const reader = new CopyReader();
  const stream = new Readable({
    // Chunk by chunk: a stream of bytes joins what it holds into a copy at each read.
    objectMode: true,
    highWaterMark: mostChunks,
    read: () => void socket.resume(),
    destroy: (error, done) => {
      socket.removeListener('data', receive);
      socket.destroy();
      done(error);
    },
  });
  const fail = (error: unknown) => stream.destroy(toPostgresFailure(source, error));
  const receive = (chunk: Buffer) => {
    try {
      for (const rows of reader.read(chunk)) {
        if (rows.length > 0 && !stream.push(finish(rows))) socket.pause();
      }
      if (reader.ended) stream.push(null);
    } catch (error) {
      fail(error);
    }
  };
  // What `pg` listens with would make an event of every row.
  socket.removeAllListeners('data');
  socket.on('data', receive);
  socket.on('error', fail);
  socket.on('close', () => {
    if (!stream.readableEnded && !stream.destroyed && !reader.ended) {
      fail(new Error('Connection terminated unexpectedly'));
    }
  });
  connection.parse({ name: '', text: statement, types: [] }, true);
  connection.bind({}, true);
  connection.execute({}, true);
  connection.sync();
  return { stream, rows: () => reader.rows };
}

/** Of 64 KiB at most, unless a row is larger; every other is a row that came in two pieces. */
const mostChunks = 8;

const messageHeadBytes = 5;
const noBytes = Buffer.alloc(0);

const codeOf = (letter: string) => letter.charCodeAt(0);
const copyData = codeOf('d');
const copyDone = codeOf('c');
const commandComplete = codeOf('C');
const errorResponse = codeOf('E');

/** Reads the messages of one COPY, whatever pieces they come in. */
class CopyReader {
  /** The server has said that these were all rows. */
  ended = false;
  /** How many they were, as the server has it. */
  rows = 0;
  /** How much of the payload of the message being read is still to come. */
  #missing = 0;
  #type = 0;
  /** A head that was torn. */
  #head: Buffer = Buffer.alloc(0);
  /** What has come of a message of which more is to come, or that is no row. */
  #kept: Buffer[] = [];
  #isCopied = false;

  /**
   * The rows that are whole now: what a chunk has completed, and those within it, moved
   * together in its own memory.
   *
   * @throws what the server says instead of rows.
   */
  read(received: Buffer): readonly [completed: Buffer, within: Buffer] {
    const chunk = this.#head.length > 0 ? Buffer.concat([this.#head, received]) : received;
    this.#head = noBytes;
    let completed: Buffer = noBytes;
    let at = 0;
    let filled = 0;
    while (at < chunk.length) {
      if (this.#missing === 0) {
        if (chunk.length - at < messageHeadBytes) {
          this.#head = Buffer.from(chunk.subarray(at));
          break;
        }
        this.#type = chunk[at] ?? 0;
        this.#missing = chunk.readUInt32BE(at + 1) - 4;
        at += messageHeadBytes;
      }
      const end = Math.min(chunk.length, at + this.#missing);
      this.#missing -= end - at;
      const isWhole = this.#missing === 0;
      if (isWhole && this.#type === copyData && this.#kept.length === 0) {
        chunk.copyWithin(filled, at, end);
        filled += end - at;
      } else {
        this.#kept.push(chunk.subarray(at, end));
        if (isWhole) completed = this.#complete() ?? completed;
      }
      at = end;
    }
    return [completed, chunk.subarray(0, filled)];
  }

  /** Of a message that came in pieces, or is no row: the row. */
  #complete(): Buffer | null {
    const payload = Buffer.concat(this.#kept);
    this.#kept = [];
    if (this.#type === copyData) return payload;
    if (this.#type === errorResponse) throw toDatabaseError(payload);
    if (this.#type === copyDone) this.#isCopied = true;
    if (this.#type === commandComplete && this.#isCopied) {
      this.ended = true;
      this.rows = Number(/^COPY (\d+)/.exec(payload.toString('latin1'))?.[1]);
    }
    return null;
  }
}

/** https://www.postgresql.org/docs/current/protocol-error-fields.html */
function toDatabaseError(payload: Buffer): Error {
  const fields = new Map<string, string>();
  for (const field of payload.toString('utf8').split('\0'))
    fields.set(field.slice(0, 1), field.slice(1));
  const error = new pg.DatabaseError(fields.get('M') ?? 'an error', payload.length, 'error');
  error.code = fields.get('C');
  return error;
}
