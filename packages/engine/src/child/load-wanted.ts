import type { SplitRequest } from '../protocol.ts';
import type { Session } from './session.ts';
import { wantedColumn } from './source-rows.ts';

/** The table `wanted`: which values go to which outputs. */
export async function loadWanted(session: Session, split: SplitRequest): Promise<void> {
  const columns = split.columns.map((_, index) => `${wantedColumn(index)} VARCHAR`);
  await session.rows(
    `CREATE TEMP TABLE wanted (output INTEGER, slices INTEGER, ${columns.join(', ')})`,
  );
  const appender = await session.connection.createAppender('wanted');
  let output = 0;
  for (const [index, values] of split.values.entries()) {
    const slices = split.slices[index] ?? 1;
    appender.appendInteger(output);
    appender.appendInteger(slices);
    output += slices;
    for (const value of values) {
      if (value === null) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
}
