import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { PostgresSource } from '@causeway/contract';
import type { WrittenCsv } from '@causeway/engine';
import pg from 'pg';
import type { FinishRows } from './finish-rows.ts';
import { LendingSocket } from './lending-socket.ts';
import { toPostgresFailure } from './postgres-failure.ts';
import type { PostgresSession } from './postgres-session.ts';
import { ownedRows, ownedRowsWithRoom, type RowMemory, reusedRowsWithRoom } from './row-memory.ts';

/** What is done to rows on their way. */
export interface RowFinish {
  readonly finish: FinishRows;
  /** Whose the memory of the stream's chunks is, as at `UnloadJob.chunks`. */
  readonly chunks: 'owned' | 'reused';
}

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
  finishing: RowFinish | null = null,
): WrittenCsv {
  const { connection } = client;
  const socket = connection.stream as Socket;
  const reader = new CopyReader(rowMemory(finishing));
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
      const { memory, rows } = reader.read(chunk);
      const finished = finishing ? finishing.finish(memory, rows) : rows;
      if (finished.length > 0 && !stream.push(finished)) socket.pause();
      if (reader.ended) stream.push(null);
    } catch (error) {
      fail(error);
    }
  };
  // What `pg` listens with would make an event of every row.
  socket.removeAllListeners('data');
  if (socket instanceof LendingSocket) socket.lends = true;
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

/** What one read has brought or completed is a chunk. */
const mostChunks = 8;
/** Besides: one that is being read, one that is handed on, one that is being filled, and one to spare. */
const chunksInUse = mostChunks + 4;

function rowMemory(finishing: RowFinish | null): RowMemory {
  if (!finishing) return ownedRows;
  return finishing.chunks === 'reused' ? reusedRowsWithRoom(chunksInUse) : ownedRowsWithRoom;
}

const messageHeadBytes = 5;
const noBytes: Buffer = Buffer.alloc(0);

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
  #head: Buffer = noBytes;
  /** What has come of a message of which more is to come, or that is no row. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isCopied = false;
  readonly #rowMemory: RowMemory;

  constructor(rowMemory: RowMemory) {
    this.#rowMemory = rowMemory;
  }

  /**
   * The rows that are whole now, at the end of some memory. Keeps nothing of `received`, but copies.
   *
   * @throws what the server says instead of rows.
   */
  read(received: Buffer): { readonly memory: Buffer; readonly rows: Buffer } {
    const chunk = this.#head.length > 0 ? Buffer.concat([this.#head, received]) : received;
    this.#head = noBytes;
    const most = this.#keptBytes + chunk.length;
    let memory: Buffer = noBytes;
    let filled = 0;
    let at = 0;
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
      if (this.#missing > 0) {
        this.#keep(chunk.subarray(at, end));
      } else if (this.#type === copyData) {
        if (filled === 0) {
          memory = this.#rowMemory.take(most);
          filled = memory.length - most;
        }
        for (const piece of this.#kept) filled += piece.copy(memory, filled);
        this.#forget();
        filled += chunk.copy(memory, filled, at, end);
      } else {
        this.#keep(chunk.subarray(at, end));
        this.#hear();
      }
      at = end;
    }
    const rows = memory.subarray(memory.length - most, filled);
    return { memory: memory.subarray(0, filled), rows };
  }

  #keep(piece: Buffer): void {
    this.#kept.push(Buffer.from(piece));
    this.#keptBytes += piece.length;
  }

  #forget(): void {
    if (this.#keptBytes === 0) return;
    this.#kept = [];
    this.#keptBytes = 0;
  }

  /** A message that is no row. */
  #hear(): void {
    const payload = Buffer.concat(this.#kept);
    this.#forget();
    if (this.#type === errorResponse) throw toDatabaseError(payload);
    if (this.#type === copyDone) this.#isCopied = true;
    if (this.#type === commandComplete && this.#isCopied) {
      this.ended = true;
      this.rows = Number(/^COPY (\d+)/.exec(payload.toString('latin1'))?.[1]);
    }
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
