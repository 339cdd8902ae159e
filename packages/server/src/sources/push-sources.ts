import { Readable } from 'node:stream';
import type { PushSource, Window } from '@causeway/contract';
import type { EngineSource } from '@causeway/engine';
import type { PushedLines, PushedRecords } from '@causeway/store';
import type { SourceKind, SourceOfDataset } from './source-kind.ts';

/** No record was received as early. */
const beginning = new Date(0).toISOString();

/**
 * Records that were pushed, as JSON lines of the columns that were said. A window of such a
 * source is one of the times at which records were received, which no two requests share:
 * a run that is given one reads the same records whenever it reads.
 */
export function pushSources(records: Pick<PushedRecords, 'end' | 'read'>): SourceKind<PushSource> {
  return {
    settle: async (source) => source,
    // Runs of it do not ask; what else reads it cannot be told what was pushed since.
    version: async () => null,
    async open(dataset) {
      const { id } = dataset;
      const within = (window: Window, positionColumn: string | null = null) =>
        lines(dataset, positionColumn, () => records.read(id ?? '', window));
      // A dataset that is being made has no records yet.
      const to = id === undefined ? null : await records.end(id);
      return {
        source: within({ from: null, to: to ?? beginning }),
        within,
        version: null,
        close: async () => {},
      };
    },
  };
}

function lines(
  { source, id }: SourceOfDataset & { readonly source: PushSource },
  positionColumn: string | null,
  read: () => AsyncIterable<PushedLines>,
): EngineSource {
  const label = `the records pushed to ${id ?? 'a new dataset'}`;
  const open = () => Readable.from(bytesOf(read(), positionColumn), { objectMode: false });
  const columns = source.columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
  const numbered = positionColumn === null ? [] : [{ name: positionColumn, type: 'BIGINT' }];
  return {
    inputs: [
      {
        name: 'source',
        data: { type: 'stream', label, open },
        format: 'jsonl',
        columns: [...columns, ...numbered],
      },
    ],
  };
}

async function* bytesOf(
  batches: AsyncIterable<PushedLines>,
  positionColumn: string | null,
): AsyncGenerator<Buffer> {
  for await (const { lines, position } of batches) {
    yield positionColumn === null ? lines : numbered(lines, position, positionColumn);
  }
}

/** Each line is an object that ends it, perhaps without a member. */
function numbered(lines: Buffer, first: number, column: string): Buffer {
  const name = JSON.stringify(column);
  const records = lines.toString().split('\n').slice(0, -1);
  const texts = records.map((record, index) => {
    const members = record.slice(1, -1);
    return `{${members}${members === '' ? '' : ','}${name}:${first + index}}\n`;
  });
  return Buffer.from(texts.join(''));
}
