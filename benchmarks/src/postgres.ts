import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { alternate, ratioFigure } from './delivery/alternate.ts';
import { csv, parquet } from './delivery/form.ts';
import { type BenchSource, openDeliveryStage } from './delivery/stage.ts';
import { type Figure, round2 } from './figure.ts';

const rows = 2_000_000;
const rounds = 3;
const columns = [
  ['id', 'bigint', 'BIGINT', 'id'],
  ['order_id', 'integer', 'INTEGER', 'id / 4'],
  ['customer', 'text', 'VARCHAR', "'Customer#' || id % 15000"],
  ['quantity', 'numeric(12,2)', 'DECIMAL(12,2)', 'id % 50 + 1'],
  ['price', 'numeric(12,2)', 'DECIMAL(12,2)', '(id * 7919 % 10000000) / 100.0'],
  ['discount', 'numeric(4,2)', 'DECIMAL(4,2)', '(id % 11) / 100.0'],
  ['status', 'text', 'VARCHAR', "substr('NAR', (id % 3)::int + 1, 1)"],
  ['shipped', 'date', 'DATE', "date '1992-01-02' + (id % 2500)::int"],
  [
    'updated_at',
    'timestamptz',
    'TIMESTAMP WITH TIME ZONE',
    "timestamptz '2026-01-01Z' + id * interval '1.000001 s'",
  ],
  ['comment', 'text', 'VARCHAR', 'md5(id::text)'],
] as const;

/**
 * A whole delivery from a table of PostgreSQL into a sink that only counts bytes, against
 * `COPY` of the same query by psql, thrown away. Server, psql and delivery share the machine;
 * medians of rounds that alternate.
 */
export async function benchPostgres(): Promise<Figure[]> {
  const stage = await openDeliveryStage();
  try {
    await makeTable(stage.databaseUrl);
    const source = sourceAt(stage.databaseUrl);
    const [copy, ofCsv, ofParquet] = await alternate(rounds, [
      () => copyByPsql(stage.databaseUrl),
      () => stage.deliver('sink', source, csv),
      () => stage.deliver('sink', source, parquet),
    ]);
    const against = ['psql', copy] as const;
    return [
      ratioFigure('postgres.csv.vs_psql_copy', ['delivery', ofCsv], against, '<= 1.3'),
      ratioFigure('postgres.parquet.vs_psql_copy', ['delivery', ofParquet], against, '<= 2'),
    ];
  } finally {
    await stage.close();
  }
}

/** As it is given: the password is in the URL, since no request brings it to the vault. */
function sourceAt(url: string): BenchSource {
  return {
    source: { type: 'postgres', url, table: 'public.lineitem', statementTimeoutSeconds: 3600 },
    schema: columns.map(([name, , type]) => ({ name, type, nullable: true })),
  };
}

async function makeTable(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const selected = columns.map(([name, type, , value]) => `(${value})::${type} AS ${name}`);
  await client.query(`CREATE UNLOGGED TABLE public.lineitem AS
    SELECT ${selected.join(', ')} FROM generate_series(1::bigint, ${rows}) AS id`);
  await client.query('VACUUM ANALYZE public.lineitem');
  await client.end();
}

/** In milliseconds. */
async function copyByPsql(url: string): Promise<number> {
  const began = performance.now();
  const command = 'COPY (SELECT * FROM public.lineitem) TO STDOUT (FORMAT csv)';
  const psql = spawn('psql', [url, '--quiet', '--no-psqlrc', '--command', command], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(psql, 'exit');
  if (code !== 0) throw new Error(`psql ended with ${code}`);
  const milliseconds = performance.now() - began;
  console.error(`copy by psql: ${round2(milliseconds / 1000)} s`);
  return milliseconds;
}
