import type { Column } from '@causeway/contract';
import { type FileContent, type InspectJob, inspectedName } from '../protocol.ts';
import { describeParquet } from './describe-parquet.ts';
import { readingFile } from './job-error.ts';
import { jsonOptions, readCsv, readJsonObjects } from './read-text.ts';
import type { Session } from './session.ts';
import { quoteLiteral, readParquet } from './sql.ts';

/** @throws JobError `file_not_readable`. */
export async function inspectFile(session: Session, job: InspectJob): Promise<FileContent> {
  const { format, csv } = job;
  if (format === 'parquet') {
    const schema = await describeParquet(session, [inspectedName]);
    return { rows: await count(session, readParquet([inspectedName])), schema };
  }
  return readingFile(inspectedName, async () => {
    const table = csv
      ? readCsv({ ...job, csv }, [inspectedName], null)
      : readJsonObjects(job, [inspectedName]);
    const rows = await count(session, table);
    if (rows === 0) return { rows, schema: [] };
    return { rows, schema: await describeTable(session, csv ? table : guessedJson(job)) };
  });
}

async function count(session: Session, table: string): Promise<number> {
  const rows = await session.rows(`SELECT count(*) AS n FROM ${table}`);
  return Number(rows[0]?.['n']);
}

/** JSON names no types: these are what DuckDB makes of the first 20 480 objects. */
function guessedJson(form: InspectJob): string {
  return `read_json(${quoteLiteral(inspectedName)}, ${jsonOptions(form).join(', ')})`;
}

async function describeTable(session: Session, table: string): Promise<Column[]> {
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${table}`);
  return rows.map((row) => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
    nullable: true,
  }));
}
