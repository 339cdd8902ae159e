import { type Figure, median, round2 } from '../figure.ts';
import { csv, csvGzip, type Form, jsonl, parquet } from './form.ts';
import { type DeliveryStage, openDeliveryStage } from './stage.ts';
import { flightsFile, lineitem } from './tables.ts';

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
    const source = await lineitem(10);
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
      ratioFigure('delivery.parquet.vs_duckdb_copy', toSink, copies, '<= 1.15'),
      ratioFigure('delivery.parquet.sandbox.vs_duckdb_copy', toSandbox, copies, '<= 1.15'),
      ratioFigure('delivery.parquet.flights.vs_duckdb_copy', flights, flightCopies),
    ];
  });
}

export const benchCsv = () => benchForm(csv, rounds, '<= 1.15');
export const benchJsonl = () => benchForm(jsonl, rounds, '<= 1.15');
export const benchCsvGzip = () => benchForm(csvGzip, roundsOfSlow, '<= 0.35');

function benchForm(form: Form, times: number, target: string): Promise<Figure[]> {
  return withStage(async (stage) => {
    const source = await lineitem(10);
    const [delivered, copied] = await alternate(times, [
      () => stage.deliver('sink', source, form),
      () => stage.copy(source, form),
    ]);
    return [ratioFigure(`delivery.${form.name}.vs_duckdb_copy`, delivered, copied, target)];
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

type Measure = () => Promise<number>;
type Readings<T> = { [K in keyof T]: number[] };

/** What each way takes, round by round, after one that warms up. */
async function alternate<T extends readonly Measure[]>(
  times: number,
  ways: readonly [...T],
): Promise<Readings<T>> {
  const readings = ways.map(() => [] as number[]);
  for (let round = 0; round <= times; round++) {
    for (const [i, way] of ways.entries()) {
      const reading = await way();
      if (round > 0) readings[i]?.push(reading);
    }
  }
  return readings as Readings<T>;
}

function ratioFigure(
  figure: string,
  ours: readonly number[],
  theirs: readonly number[],
  target?: string,
): Figure {
  const ratios = ours.map((time, i) => time / (theirs[i] ?? Number.NaN));
  const seconds = (times: readonly number[]) => times.map((time) => round2(time / 1000));
  return {
    figure,
    value: round2(median(ratios)),
    unit: 'x',
    ...(target !== undefined && { target }),
    details: { deliverySeconds: seconds(ours), copySeconds: seconds(theirs) },
  };
}
