import type { Readable } from 'node:stream';
import { CausewayError, sentColumns, type Window } from '@causeway/contract';
import type { KnownRows } from '@causeway/engine';
import type { Lookback, RunWork } from './journal.ts';
import type { RunRecipientWork } from './recipient.ts';
import type { RunDeps } from './run-deps.ts';

/**
 * How a delivery looks back. A run remembers fingerprints of the rows that it sends, from the
 * last `lookbackSeconds` of its window. The next run that goes on from there reads that span again and
 * leaves out what is known: a row that came late, or was changed in place, is new.
 *
 * What a run remembers is in the journal before its commit begins, and counts when it is
 * delivered: so neither can be without the other.
 */
export function looksBack({ delivery }: Pick<RunWork, 'delivery'>): boolean {
  return delivery.mode === 'incremental' && delivery.lookbackSeconds > 0;
}

/** So many rows are remembered for a customer: 16 bytes each. */
const mostRemembered = 1_000_000;

/** Of each recipient, as it is when its run prepares; none of a delivery that does not look back. */
export async function lookbacksOf(
  run: RunWork,
  recipients: readonly RunRecipientWork[],
  { journal }: Pick<RunDeps, 'journal'>,
): Promise<ReadonlyMap<string, Lookback>> {
  if (!looksBack(run)) return new Map();
  const ids = recipients.map(({ customerId }) => customerId);
  for (const id of ids) await journal.forgetRows(run.lease, id);
  return journal.lookbacks(run.lease, ids);
}

/** What tells rows apart that were sent before: all that a receiver sees of them, and what they are told by. */
export function fingerprintColumns({ dataset, delivery }: RunWork): readonly string[] {
  const { schema, primaryKey, cursorColumn, deletedColumn } = dataset;
  const sent = sentColumns(schema, delivery.columns).map(({ name }) => name);
  const others = [...primaryKey, cursorColumn, deletedColumn].filter((name) => name !== null);
  return [...new Set([...others, ...sent])];
}

/** The rows that a scan leaves out. All of a group have the same window and look equally far back. */
export function knownRowsOf(
  run: RunWork,
  group: readonly RunRecipientWork[],
  lookback: Lookback | undefined,
  { journal }: Pick<RunDeps, 'journal'>,
): KnownRows | null {
  const since = lookback?.since ?? null;
  const before = group[0]?.work.window.from ?? null;
  if (since === null || before === null) return null;
  const isSplit = run.dataset.customerColumn !== null;
  return {
    columns: fingerprintColumns(run),
    before,
    async *read() {
      // Without a split they have all been sent the same.
      for (const { customerId, work } of isSplit ? group : group.slice(0, 1)) {
        const value = isSplit ? work.reference : null;
        for (const fingerprints of await journal.knownRows(run.lease, customerId, since)) {
          yield { value, fingerprints };
        }
      }
    },
  };
}

/** Those rows of a scan that the next run may read again. */
export function windowToRemember({ from, to }: Window, seconds: number): Window {
  const start = microsOf(to) - BigInt(seconds) * 1_000_000n;
  return { from: from !== null && microsOf(from) > start ? from : isoOf(start), to };
}

/** Times of windows go to the microsecond, which `Date` cannot hold. */
function microsOf(time: string): bigint {
  const [, fraction = ''] = /\.(\d+)/.exec(time) ?? [];
  const wholeSeconds = BigInt(Math.floor(Date.parse(time) / 1000));
  return wholeSeconds * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
}

function isoOf(micros: bigint): string {
  const seconds = micros / 1_000_000n;
  const iso = new Date(Number(seconds) * 1000).toISOString();
  return iso.replace('.000Z', `.${String(micros % 1_000_000n).padStart(6, '0')}Z`);
}

const lineBytes = 33;
/** One write to the journal: a megabyte. */
const fingerprintsAtOnce = 65_536;

/** Takes the fingerprints of the rows that recipients are sent into the journal. */
export interface RowMemory {
  /** Never rejects: what one meets is its own, and tells when it is sealed. */
  take(recipients: readonly RunRecipientWork[], stream: Readable): Promise<void>;
  /** @throws What kept the rows of a recipient from being remembered. */
  check(recipient: RunRecipientWork): void;
}

export function rowMemory(
  run: RunWork,
  lookbacks: ReadonlyMap<string, Lookback>,
  { journal }: Pick<RunDeps, 'journal'>,
): RowMemory {
  const failures = new Map<RunRecipientWork, unknown>();
  const counts = new Map<RunRecipientWork, number>();
  const remember = async (recipient: RunRecipientWork, fingerprints: Buffer) => {
    if (failures.has(recipient)) return;
    const before = lookbacks.get(recipient.customerId)?.remembered ?? 0;
    const count = (counts.get(recipient) ?? before) + fingerprints.length / 16;
    counts.set(recipient, count);
    try {
      if (count > mostRemembered) {
        throw new CausewayError('lookback_too_large', { limit: mostRemembered });
      }
      await journal.rememberRows(run.lease, recipient.customerId, fingerprints);
    } catch (error) {
      failures.set(recipient, error);
    }
  };
  return {
    async take(recipients, stream) {
      try {
        for await (const fingerprints of fingerprintsIn(stream)) {
          for (const recipient of recipients) await remember(recipient, fingerprints);
        }
      } catch (error) {
        for (const recipient of recipients) failures.set(recipient, error);
      }
    },
    check(recipient) {
      if (failures.has(recipient)) throw failures.get(recipient);
    },
  };
}

/** Lines of 32 hexadecimal digits, as 16 bytes each. */
async function* fingerprintsIn(stream: Readable): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  const most = fingerprintsAtOnce * lineBytes;
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= most; rest = rest.subarray(most)) yield packed(rest.subarray(0, most));
  }
  if (rest.length > 0) yield packed(rest);
}

function packed(lines: Buffer): Buffer {
  return Buffer.from(lines.toString('latin1').replaceAll('\n', ''), 'hex');
}
