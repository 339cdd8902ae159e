import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { customerColumn, makeLineitem } from '../lineitem.ts';

/** 3 million real flights, 13 MB: what is fixed in a run weighs more here. */
export const flightsFile = fileURLToPath(
  new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')),
);

/** Kept between runs of the bench: making a table takes longer than delivering it. */
export const tablesFolder = fileURLToPath(new URL('../../../.causeway/bench/', import.meta.url));

/** Rows of the tables that are delivered; fewer for a quick look, which what is fixed in a run weighs on. */
export const usualMillions = Number(process.env['CAUSEWAY_BENCH_MILLIONS'] ?? 10);

/** A table of so many millions of rows, as a Parquet file. */
export async function lineitem(millions: number): Promise<string> {
  const path = join(tablesFolder, `lineitem-${millions}m.parquet`);
  await makeLineitem(path, millions * 1_000_000);
  return path;
}

/** The same with a column that says which of so many customers has the row: `customer`. */
export async function lineitemOfCustomers(millions: number, customers: number): Promise<string> {
  const path = join(tablesFolder, `lineitem-${millions}m-${customers}.parquet`);
  await makeLineitem(path, millions * 1_000_000, customerColumn(customers));
  return path;
}
