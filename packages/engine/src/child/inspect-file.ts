import { type FileContent, type InspectJob, inspectedName } from '../protocol.ts';
import { describeParquet } from './describe-parquet.ts';
import { readingFile } from './job-error.ts';
import { jsonOptions, readCsv, readJsonObjects } from './read-text.ts';
import type { Session } from './session.ts';
import { quoteLiteral, readParquet } from './sql.ts';
import { countRows, describeTable } from './table-facts.ts';

/** @throws JobError `file_not_readable`. */
export async function inspectFile(session: Session, job: InspectJob): Promise<FileContent> {
  const { format, csv } = job;
  if (format === 'parquet') {
    const schema = await describeParquet(session, [inspectedName]);
    return { rows: await countRows(session, readParquet([inspectedName])), schema };
  }
  return readingFile(inspectedName, async () => {
    const table = csv
      ? readCsv({ ...job, csv }, [inspectedName], null)
      : readJsonObjects(job, [inspectedName]);
    const rows = await countRows(session, table);
    if (rows === 0) return { rows, schema: [] };
    return { rows, schema: await describeTable(session, csv ? table : guessedJson(job)) };
  });
}

/** JSON names no types: these are what DuckDB makes of the first 20 480 objects. */
function guessedJson(form: InspectJob): string {
  return `read_json(${quoteLiteral(inspectedName)}, ${jsonOptions(form).join(', ')})`;
}
