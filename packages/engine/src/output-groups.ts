import { CausewayError } from '@causeway/contract';
import { maxPartitions, type UnloadJob } from './engine.ts';
import { feedInputs } from './feed-inputs.ts';
import type { SplitKey, SplitRequest } from './protocol.ts';
import type { OpenedSource } from './source-inputs.ts';
import type { Workplace } from './workplace.ts';

/** The rows that DuckDB writes as one: those of an output, or of one partition of it. */
export interface Group {
  readonly output: number;
  /** What tells its rows from others, by {@link splitRequest}. */
  readonly key: SplitKey;
  readonly partition: SplitKey;
  /** How many rows there must be, where they were counted before. */
  readonly rows: number | null;
}

/** A group for each output. */
export function splitGroups(split: UnloadJob['split']): Group[] {
  if (split.type === 'all') return [{ output: 0, key: [], partition: [], rows: null }];
  return split.values.map((value, output) => ({ output, key: [value], partition: [], rows: null }));
}

/**
 * A group for each combination of values that the rows of an output have: none for an
 * output without rows.
 *
 * @throws CausewayError `too_many_partitions`, and what reading the source throws.
 */
export async function partitionGroups(
  job: UnloadJob,
  { source, columns, work }: PartitionedSource,
): Promise<Group[]> {
  const outputs = splitGroups(job.split);
  if (outputs.length === 0) return [];
  const query = {
    type: 'partitions',
    source: source.request,
    split: splitRequest({ split: job.split }, outputs, '__output'),
    window: job.window ?? null,
    columns,
    limit: maxPartitions + 1,
  } as const;
  const found = await work((workplace) =>
    feedInputs(workplace, source, (stop) => workplace.run(query, undefined, stop)),
  );
  if (found.length > maxPartitions) {
    throw new CausewayError('too_many_partitions', { columns, limit: maxPartitions });
  }
  return found.map(({ index, values, rows }) => ({
    output: index,
    key: [...(outputs[index]?.key ?? []), ...values],
    partition: values,
    rows,
  }));
}

interface PartitionedSource {
  readonly source: OpenedSource;
  readonly columns: readonly string[];
  readonly work: <T>(run: (workplace: Workplace) => Promise<T>) => Promise<T>;
}

/** How a query tells the rows of groups apart; null when there is one of all rows. */
export function splitRequest(
  job: Pick<UnloadJob, 'split' | 'partitionBy'>,
  groups: readonly Group[],
  indexColumn: string,
): SplitRequest | null {
  const customer = job.split.type === 'byColumn' ? [job.split.column] : [];
  const columns = [...customer, ...(job.partitionBy ?? [])];
  if (columns.length === 0) return null;
  return { columns, values: groups.map(({ key }) => key), indexColumn };
}
