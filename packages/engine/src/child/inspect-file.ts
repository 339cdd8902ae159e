import type { Column } from '@causeway/contract';
import { type FileContent, type InspectJob, sourceName } from '../protocol.ts';
import { describeFile } from './describe-file.ts';
import { readingFile } from './job-error.ts';
import type { Session } from './session.ts';
import { quoteLiteral, readJsonLines, readParquet } from './sql.ts';

/** @throws JobError `file_not_readable`. */
export async function inspectFile(session: Session, job: InspectJob): Promise<FileContent> {
  if (job.format === 'parquet') {
    const schema = await describeFile(session, sourceName);
    return { rows: await count(session, readParquet([sourceName])), schema };
  }
  return readingFile(sourceName, async () => {
    const rows = await count(session, readJsonLines([sourceName]));
    return { rows, schema: rows === 0 ? [] : await describeJsonLines(session) };
  });
}

async function count(session: Session, table: string): Promise<number> {
  const rows = await session.rows(`SELECT count(*) AS n FROM ${table}`);
  return Number(rows[0]?.['n']);
}

/** JSON names no types: these are what DuckDB makes of the first 20 480 lines. */
async function describeJsonLines(session: Session): Promise<Column[]> {
  const rows = await session.rows(
    `DESCRIBE SELECT * FROM read_json(${quoteLiteral(sourceName)}, format = 'newline_delimited')`,
  );
  return rows.map((row) => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
    nullable: true,
  }));
}
