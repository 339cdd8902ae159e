import { Readable } from 'node:stream';
import type { EngineSource, FileCounts } from '@causeway/engine';
import { freeColumn } from './free-column.ts';
import type { RunWork } from './journal.ts';
import type { RunRecipientWork } from './recipient.ts';
import { writtenForm } from './record-files.ts';
import type { RunDeps } from './run-deps.ts';
import type { UploadFile } from './scan-source.ts';

/**
 * Writes the keys that recipients are to forget as tombstones of their own, each recipient's
 * after `firstNumber` files that it has of them already. The keys are in the journal, so this asks nothing of the
 * dataset's source. Tells what the files hold, by recipient.
 */
export async function writeForgotten(
  run: RunWork,
  group: readonly RunRecipientWork[],
  upload: UploadFile,
  firstNumber: (recipient: RunRecipientWork) => number,
  deps: Pick<RunDeps, 'engine' | 'journal'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<RunRecipientWork, readonly FileCounts[]>> {
  const recipients = group.filter(({ work }) => work.forget !== null);
  if (recipients.length === 0) return new Map();
  const column = freeColumn('recipient', run.dataset.primaryKey);
  const { files } = await deps.engine.unload(
    {
      source: keysOf(run, recipients, column, deps),
      split: { type: 'byColumn', column, values: recipients.map((_, index) => String(index)) },
      columns: run.dataset.primaryKey,
      ...writtenForm(run.delivery),
      targetFileBytes: run.delivery.targetFileBytes,
      // Uploads copy every chunk into a part at once.
      chunks: 'reused',
    },
    async (index, stream, file) => {
      const recipient = recipients[index];
      if (!recipient) return;
      await upload(recipient, stream, { ...file, number: firstNumber(recipient) + file.number });
    },
    signal,
  );
  return new Map(recipients.map((recipient, index) => [recipient, files[index] ?? []]));
}

function keysOf(
  run: RunWork,
  recipients: readonly RunRecipientWork[],
  recipient: string,
  deps: Pick<RunDeps, 'journal'>,
): EngineSource {
  const { id, primaryKey, schema } = run.dataset;
  const types = new Map(schema.map(({ name, type }) => [name, type]));
  const columns = primaryKey.map((name) => ({ name, type: types.get(name) ?? 'VARCHAR' }));
  const label = `the keys of ${id} to be forgotten`;
  const open = () =>
    Readable.from(linesOf(run, recipients, recipient, deps), { objectMode: false });
  return {
    inputs: [
      {
        name: 'source',
        data: { type: 'stream', label, open },
        format: 'jsonl',
        columns: [{ name: recipient, type: 'VARCHAR' }, ...columns],
      },
    ],
  };
}

/** Each key with the index of the recipient that it is for. */
async function* linesOf(
  { lease }: RunWork,
  recipients: readonly RunRecipientWork[],
  column: string,
  { journal }: Pick<RunDeps, 'journal'>,
): AsyncGenerator<Buffer> {
  for (const [index, { customerId, work }] of recipients.entries()) {
    const start = `{${JSON.stringify(column)}:"${index}",`;
    let after = work.forget?.after ?? 0;
    for (;;) {
      const request = await journal.keysToForget(lease, customerId, after);
      if (!request) break;
      const lines = request.lines.toString().split('\n');
      const keys = lines.filter((line) => line !== '');
      yield Buffer.from(keys.map((line) => `${start}${line.slice(1)}\n`).join(''));
      after = request.number;
    }
  }
}
