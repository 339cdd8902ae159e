import { figuresOf } from '@causeway/contract';
import { type Figure, median, round2 } from '../figure.ts';
import { parquet } from './form.ts';
import { openDeliveryStage } from './stage.ts';
import { lineitem } from './tables.ts';

const rows = 500;
const runsAtOnce = 100;

/**
 * Runs of one small file, each for a customer with a bucket and a role of its own: what one
 * asks of S3 and STS, and how long it takes of a hundred that are begun at once, on a worker
 * as it is by default.
 */
export async function benchSmall(): Promise<Figure[]> {
  const source = await lineitem(rows / 1_000_000);
  const stage = await openDeliveryStage();
  try {
    await stage.deliver('sink', source, parquet);
    const runs = await stage.deliverAtOnce(source, parquet, runsAtOnce);
    const parts = runs.flatMap(({ recipients }) => recipients);
    const medianOf = (values: readonly (number | null)[]) =>
      median(values.map((value) => value ?? Number.NaN));
    const s3 = medianOf(parts.map(({ requests }) => requests.s3));
    const sts = medianOf(parts.map(({ requests }) => requests.sts));
    return [
      {
        figure: 'delivery.small.requests',
        value: s3 + sts,
        unit: 'requests',
        target: '<= 3',
        details: { s3, sts },
      },
      {
        figure: 'delivery.small.seconds_p50',
        value: round2(median(runs.map(({ milliseconds }) => milliseconds)) / 1000),
        unit: 's',
        details: {
          runsAtOnce,
          prepareMsP50: medianOf(parts.map((part) => figuresOf(part).prepareMs)),
          commitMsP50: medianOf(parts.map((part) => figuresOf(part).commitMs)),
        },
      },
    ];
  } finally {
    await stage.close();
  }
}
