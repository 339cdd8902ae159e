import { style } from '../terminal/style.ts';
import { connectCustomers } from './demo/connect.ts';
import { crashAndRecover } from './demo/crash.ts';
import { deliverAgain, deliverFlights } from './demo/deliver.ts';
import { Narrator } from './demo/narrator.ts';
import { openStage } from './demo/stage.ts';
import { verifyAsReceiver } from './demo/verify.ts';

/**
 * Runs the main job once, for real: connect, check, deliver, be killed, recover,
 * verify. Throws at the first thing that is not as it should be.
 */
export async function runDemo(): Promise<void> {
  const narrator = new Narrator();
  console.log(style('dim', 'Starting a sandbox (a local AWS), a PostgreSQL, the API and a worker'));
  const stage = await openStage();
  try {
    const connected = await connectCustomers(stage.client, stage.sandboxUrl, narrator);
    const worker = await stage.startWorker();
    const { dataset, delivery, run } = await deliverFlights(stage, connected, narrator);
    await deliverAgain(stage, delivery, connected, narrator);
    await crashAndRecover(stage, dataset, connected, worker, narrator);
    await verifyAsReceiver(stage, run, connected, narrator);
    narrator.end('Connected, checked, delivered exactly once, verified');
  } finally {
    await stage.close();
  }
}
