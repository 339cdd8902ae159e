import { type Figure, median, round2 } from '../figure.ts';
import { parquet } from './form.ts';
import { type FinishedRun, openDeliveryStage } from './stage.ts';
import { lineitem } from './tables.ts';

const rows = 500;
const runsAtOnce = 100;
const rounds = 3;

/**
 * Runs of one small file, each for a customer with a bucket and a role of its own: what one
 * asks of S3 and STS, and how long it takes of a hundred that are begun at once, on a worker
 * as it is by default.
 */
export async function benchSmall(): Promise<Figure[]> {
  const source = await lineitem(rows / 1_000_000);
  const stage = await openDeliveryStage();
  try {
    await stage.deliverAtOnce(source, parquet, runsAtOnce);
    const finished: FinishedRun[] = [];
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const runs = await stage.deliverAtOnce(source, parquet, runsAtOnce);
      finished.push(...runs);
      seconds.push(round2(median(runs.map(({ milliseconds }) => milliseconds)) / 1000));
    }
    const mostOf = (kind: 's3' | 'sts' | 'retries') =>
      Math.max(...finished.map(({ requests }) => requests[kind]));
    const asked = { s3: mostOf('s3'), sts: mostOf('sts'), retries: mostOf('retries') };
    const total = finished.map(({ requests }) => requests.s3 + requests.sts);
    return [
      { figure: 'delivery.small.requests', value: median(total), unit: 'requests', details: asked },
      {
        figure: 'delivery.small.seconds_p50',
        value: median(seconds),
        unit: 's',
        details: { rounds: seconds, runsAtOnce },
      },
    ];
  } finally {
    await stage.close();
  }
}
