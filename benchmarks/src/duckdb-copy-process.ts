import { rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

/** What DuckDB alone takes to copy a Parquet file to a file of some form on local disk. */
export interface CopyRequest {
  readonly source: string;
  readonly target: string;
  readonly keep: boolean;
  /** Of `COPY`. */
  readonly options: string;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

export interface CopyAnswer {
  readonly milliseconds: number;
}

process.on('message', (request: CopyRequest) => {
  copy(request).then(
    (milliseconds) => process.send?.({ milliseconds } satisfies CopyAnswer),
    (error: unknown) => {
      throw error;
    },
  );
});
process.once('disconnect', () => process.exit());

async function copy(request: CopyRequest): Promise<number> {
  const quoted = (path: string) => `'${path.replaceAll("'", "''")}'`;
  const database = await DuckDBInstance.create(':memory:', {
    memory_limit: `${request.memoryLimitMb}MB`,
    threads: String(request.threads),
  });
  const connection = await database.connect();
  const began = performance.now();
  await connection.run(
    `COPY (SELECT * FROM read_parquet(${quoted(request.source)})) TO ${quoted(request.target)} (${request.options})`,
  );
  const milliseconds = performance.now() - began;
  connection.closeSync();
  database.closeSync();
  if (!request.keep) rmSync(request.target);
  return milliseconds;
}
