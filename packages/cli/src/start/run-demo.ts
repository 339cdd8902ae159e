import { style } from '../terminal/style.ts';
import { connectCustomers } from './demo/connect.ts';
import { crashAndRecover } from './demo/crash.ts';
import { deliverAgain, deliverFlights } from './demo/deliver.ts';
import { Narrator } from './demo/narrator.ts';
import { openStage, type Stage } from './demo/stage.ts';
import { verifyAsReceiver } from './demo/verify.ts';
import { untilStopped } from './until-stopped.ts';

/**
 * Runs the main job once, for real: connect, check, deliver, be killed, recover,
 * verify. Throws at the first thing that is not as it should be. Leaves nothing
 * behind, also when it is interrupted.
 */
export async function runDemo(): Promise<void> {
  const stopped = untilStopped().then(() => 'stopped' as const);
  console.log(style('dim', 'Starting a sandbox (a local AWS), a PostgreSQL, the API and a worker'));
  const stage = await openStage();
  let interrupted = false;
  try {
    const end = await Promise.race([stopped, tell(stage).then(() => 'told' as const)]);
    interrupted = end === 'stopped';
  } finally {
    await stage.close();
  }
  // What the story still waits for would keep the process alive.
  if (interrupted) process.exit(130);
}

async function tell(stage: Stage): Promise<void> {
  const narrator = new Narrator();
  const connected = await connectCustomers(stage.client, stage.sandboxUrl, narrator);
  const worker = await stage.startWorker();
  const { dataset, delivery } = await deliverFlights(stage, connected, narrator);
  await deliverAgain(stage, delivery, connected, narrator);
  await crashAndRecover(stage, dataset, connected, worker, narrator);
  await verifyAsReceiver(stage, connected, narrator);
  narrator.end('Connected, checked, delivered exactly once, verified');
}
