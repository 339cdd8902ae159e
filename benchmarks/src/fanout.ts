import { DuckDBInstance } from '@duckdb/node-api';
import { alternate, ratioFigure } from './delivery/alternate.ts';
import { parquet } from './delivery/form.ts';
import { type DeliveryStage, openDeliveryStage } from './delivery/stage.ts';
import { flightsFile, lineitemOfCustomers, usualMillions } from './delivery/tables.ts';
import type { Figure } from './figure.ts';

const rounds = 3;

interface FanOut {
  readonly source: string;
  readonly column: string;
  readonly figure: string;
  readonly target: string;
}

/** 3 million flights, each to the airport it leaves from: a run in which the customers weigh most. */
export function benchFanOut229(): Promise<Figure[]> {
  const target = '<= 2';
  return bench({ source: flightsFile, column: 'origin', figure: 'fanout.229.vs_1', target });
}

/** A thousand customers whose rows come in no order, beyond what one scan may have. */
export async function benchFanOut1000(): Promise<Figure[]> {
  const source = await lineitemOfCustomers(usualMillions, 1000);
  return bench({ source, column: 'customer', figure: 'fanout.1000.vs_1', target: '<= 2.5' });
}

/**
 * A whole delivery that gives each customer its rows, in a bucket and by a role of its own,
 * against one of all the same rows to one bucket.
 */
async function bench({ source, column, figure, target }: FanOut): Promise<Figure[]> {
  const values = await valuesOf(source, column);
  const stage: DeliveryStage = await openDeliveryStage();
  try {
    const [toOne, toEach] = await alternate(rounds, [
      () => stage.deliver('sink', source, parquet),
      () => stage.deliverToEach(source, { column, values }, parquet),
    ]);
    return [ratioFigure(figure, [`to${values.length}`, toEach], ['to1', toOne], target)];
  } finally {
    await stage.close();
  }
}

async function valuesOf(source: string, column: string): Promise<string[]> {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const path = source.replaceAll("'", "''");
  const found = await connection.runAndReadAll(
    `SELECT DISTINCT ${column}::VARCHAR AS value FROM '${path}' WHERE ${column} IS NOT NULL ORDER BY 1`,
  );
  connection.closeSync();
  return found.getRowObjects().map(({ value }) => String(value));
}
