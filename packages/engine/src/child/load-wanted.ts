import type { SplitRequest } from '../protocol.ts';
import type { Session } from './session.ts';
import { wantedColumn } from './source-rows.ts';

/** The table `wanted`: which values go to which outputs, or to which buckets of a spill. */
export async function loadWanted(
  session: Session,
  split: SplitRequest,
  outputs: readonly number[] = firstOutputs(split),
): Promise<void> {
  const columns = split.columns.map((_, index) => `${wantedColumn(index)} VARCHAR`);
  await session.rows(
    `CREATE TEMP TABLE wanted (output INTEGER, slices INTEGER, ${columns.join(', ')})`,
  );
  const appender = await session.connection.createAppender('wanted');
  for (const [index, values] of split.values.entries()) {
    appender.appendInteger(outputs[index] ?? 0);
    appender.appendInteger(split.slices[index] ?? 1);
    for (const value of values) {
      if (value === null) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
}

/** Of each value; its further slices follow. */
function firstOutputs({ slices }: SplitRequest): number[] {
  let next = 0;
  return slices.map((count) => {
    const first = next;
    next += count;
    return first;
  });
}
