import type { Figure } from '../figure.ts';
import { alternate, ratioFigure } from './alternate.ts';
import { csv, csvGzip, type Form, jsonl, parquet } from './form.ts';
import { type DeliveryStage, openDeliveryStage } from './stage.ts';
import { flightsFile, lineitem, usualMillions } from './tables.ts';

/** How often what is compared takes turns. */
const rounds = 5;
/** DuckDB's own gzip takes a minute and more each time. */
const roundsOfSlow = 3;

/**
 * A whole delivery, from the order to the end of its run, against DuckDB's own `COPY` of
 * the same rows to a local file with the same limits. The delivery goes through a real
 * worker process, journal, checksums and signatures included, into a sink that only
 * counts bytes. Medians of the ratios of rounds that alternate: what else the machine
 * does meanwhile falls on both.
 */
export async function benchParquet(): Promise<Figure[]> {
  return withStage(async (stage) => {
    const source = await lineitem(usualMillions);
    const [toSink, copies, toSandbox] = await alternate(rounds, [
      () => stage.deliver('sink', source, parquet),
      () => stage.copy(source, parquet),
      () => stage.deliver('sandbox', source, parquet),
    ]);
    const [flights, flightCopies] = await alternate(rounds, [
      () => stage.deliver('sink', flightsFile, parquet),
      () => stage.copy(flightsFile, parquet),
    ]);
    return [
      againstCopy('delivery.parquet', toSink, copies, '<= 1.15'),
      againstCopy('delivery.parquet.sandbox', toSandbox, copies, '<= 1.15'),
      againstCopy('delivery.parquet.flights', flights, flightCopies),
    ];
  });
}

export const benchCsv = () => benchForm(csv, rounds, '<= 1.15');
export const benchJsonl = () => benchForm(jsonl, rounds, '<= 1.15');
export const benchCsvGzip = () => benchForm(csvGzip, roundsOfSlow, '<= 0.35');

function benchForm(form: Form, times: number, target: string): Promise<Figure[]> {
  return withStage(async (stage) => {
    const source = await lineitem(usualMillions);
    const [delivered, copied] = await alternate(times, [
      () => stage.deliver('sink', source, form),
      () => stage.copy(source, form),
    ]);
    return [againstCopy(`delivery.${form.name}`, delivered, copied, target)];
  });
}

async function withStage<T>(act: (stage: DeliveryStage) => Promise<T>): Promise<T> {
  const stage = await openDeliveryStage();
  try {
    return await act(stage);
  } finally {
    await stage.close();
  }
}

function againstCopy(
  name: string,
  delivered: readonly number[],
  copied: readonly number[],
  target?: string,
): Figure {
  return ratioFigure(`${name}.vs_duckdb_copy`, ['delivery', delivered], ['copy', copied], target);
}
