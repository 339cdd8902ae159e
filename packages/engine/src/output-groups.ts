import { CausewayError } from '@causeway/contract';
import { maxOutputsPerScan, maxPartitions, type UnloadJob } from './engine.ts';
import { feedInputs } from './feed-inputs.ts';
import { knownRequest } from './known-rows.ts';
import type { FoundPartitions, SplitKey, SplitRequest } from './protocol.ts';
import type { OpenedSource } from './source-inputs.ts';
import type { Workplace } from './workplace.ts';

/** The rows that belong together: those of an output, or of one partition of it. */
export interface Group {
  readonly output: number;
  /** What tells its rows from others, by {@link splitRequest}. */
  readonly key: SplitKey;
  readonly partition: SplitKey;
  /** How many rows there must be, where they were counted before. */
  readonly rows: number | null;
  /** Over how many files DuckDB spreads them at once, where it cannot rotate. */
  readonly slices: number;
}

export interface GroupsInput {
  readonly source: OpenedSource;
  readonly work: <T>(run: (workplace: Workplace) => Promise<T>) => Promise<T>;
}

/**
 * What the rows of a job are split into: an output each, or with `partitionBy` each
 * combination of values that an output has.
 *
 * @throws CausewayError `too_many_partitions`, and what reading the source throws.
 */
export async function outputGroups(job: UnloadJob, input: GroupsInput): Promise<Group[]> {
  const { partitionBy = [] } = job;
  const outputs = splitGroups(job.split);
  const fileBytes = mayBeLarge(job, outputs, input.source);
  if (outputs.length === 0 || (partitionBy.length === 0 && fileBytes === null)) return outputs;
  const found = await findPartitions(job, outputs, { ...input, countAll: fileBytes !== null });
  const { partitions, sourceRows } = found;
  if (partitions.length > maxPartitions && partitionBy.length > 0) {
    throw new CausewayError('too_many_partitions', { columns: partitionBy, limit: maxPartitions });
  }
  const slicesOf = (rows: number) => {
    if (fileBytes === null || !sourceRows) return 1;
    const bytes = (rows / sourceRows) * input.source.bytes;
    return Math.max(1, Math.min(maxOutputsPerScan, Math.ceil(bytes / fileBytes)));
  };
  if (partitionBy.length > 0) {
    return partitions.map(({ index, values, rows }) => {
      const key = [...(outputs[index]?.key ?? []), ...values];
      return { output: index, key, partition: values, rows, slices: slicesOf(rows) };
    });
  }
  const rowsOf = new Map(partitions.map(({ index, rows }) => [index, rows]));
  return outputs.map((group) => ({ ...group, slices: slicesOf(rowsOf.get(group.output) ?? 0) }));
}

/** A group for each output. */
function splitGroups(split: UnloadJob['split']): Group[] {
  const whole = { partition: [], rows: null, slices: 1 };
  if (split.type === 'all') return [{ ...whole, output: 0, key: [] }];
  return split.values.map((value, output) => ({ ...whole, output, key: [value] }));
}

/**
 * The target size, where a file might come to more of it: Parquet that is split, which
 * DuckDB cannot rotate, of files that are larger than that themselves.
 */
function mayBeLarge(
  { format, targetFileBytes, partitionBy = [] }: UnloadJob,
  outputs: readonly Group[],
  source: OpenedSource,
): number | null {
  const isSplit = outputs.length > 1 || partitionBy.length > 0;
  if (format !== 'parquet' || targetFileBytes === undefined || !isSplit) return null;
  const isKnown = source.streams.length === 0 && source.request.query === null;
  return isKnown && source.bytes > targetFileBytes ? targetFileBytes : null;
}

function findPartitions(
  job: UnloadJob,
  outputs: readonly Group[],
  { source, work, countAll }: GroupsInput & { readonly countAll: boolean },
): Promise<FoundPartitions> {
  const { partitionBy = [] } = job;
  const query = {
    type: 'partitions',
    source: source.request,
    split: splitRequest(
      { split: job.split },
      outputs,
      outputs.map(() => 1),
      '__output',
    ),
    window: job.window ?? null,
    filter: job.filter ?? null,
    deleted: job.deleted ?? null,
    known: knownRequest(job),
    columns: partitionBy,
    limit: partitionBy.length > 0 ? maxPartitions + 1 : outputs.length,
    countAll,
  } as const;
  return work((workplace) =>
    feedInputs(workplace, source, (stop) => workplace.run(query, undefined, stop)),
  );
}

/** How a query tells the rows of groups apart; null when there is one of all rows. */
export function splitRequest(
  job: Pick<UnloadJob, 'split' | 'partitionBy'>,
  groups: readonly Group[],
  slices: readonly number[],
  indexColumn: string,
): SplitRequest | null {
  const customer = job.split.type === 'byColumn' ? [job.split.column] : [];
  const columns = [...customer, ...(job.partitionBy ?? [])];
  if (columns.length === 0) return null;
  return { columns, values: groups.map(({ key }) => key), slices, indexColumn };
}
