import {
  afterCheck,
  type CheckDeps,
  checkConnection,
  jittered,
  requirePlaced,
} from '@causeway/connections';
import { CausewayError, type CheckReport, type Connection } from '@causeway/contract';
import type { Store } from '@causeway/store';
import { keepLooking, type Watch } from '../keep-looking.ts';
import type { Log } from '../log.ts';
import { lookForReceiptsOf } from '../receipts/look-for-receipts.ts';
import { keepCheck } from './keep-check.ts';
import { retrySeconds } from './refresh-connection.ts';

export interface WatchDeps {
  readonly store: Pick<Store, 'checkSchedule' | 'connections' | 'receipts'>;
  readonly access: CheckDeps;
  /** How long what was found wrong with an active connection must last before it counts. */
  readonly confirmSeconds: number;
  readonly log: Log;
}

/** How many connections one process checks at once. */
const concurrentChecks = 4;
const lookMs = 5_000;

/**
 * Checks connections whose time has come, for as long as this process runs: at once, and
 * then every few seconds. Of all processes one checks each of them.
 */
export function watchHealth(deps: WatchDeps): Watch {
  return keepLooking({
    take: async () => (await deps.store.checkSchedule.takeDue(1))[0] ?? null,
    act: (due, signal) => checkDue(due, signal, deps),
    onError: (error) => deps.log({ level: 'error', event: 'health:failed', error }),
    lanes: concurrentChecks,
    lookMs,
  });
}

async function checkDue(
  connection: Connection,
  signal: AbortSignal,
  deps: WatchDeps,
): Promise<void> {
  const { store, log } = deps;
  try {
    const report = await keepCheck(store.checkSchedule, connection.id, () =>
      check(connection, signal, deps),
    );
    const after = await store.connections.saveCheck(connection, report, (before) =>
      afterCheck(before, report),
    );
    await lookForReceiptsOf(after, { store, access: deps.access, signal });
    if (after.status === connection.status) return;
    const { id: connectionId, health } = after;
    const change = { connectionId, from: connection.status, to: after.status };
    log({ level: 'warn', event: 'connection:status_changed', ...change, reason: health.reason });
  } catch (error) {
    const isOver = signal.aborted;
    await store.checkSchedule.giveBack(connection.id, isOver ? 0 : jittered(retrySeconds));
    if (isOver) return;
    // That AWS cannot be asked says nothing about the connection.
    const level = CausewayError.is(error, 'store_unavailable') ? 'warn' : 'error';
    log({ level, event: 'connection:not_checked', connectionId: connection.id, error });
  }
}

/**
 * What is found wrong with an active connection is looked at again for a while: IAM is
 * eventually consistent, in what it grants and in what it takes away.
 */
async function check(
  connection: Connection,
  signal: AbortSignal,
  { access, confirmSeconds }: WatchDeps,
): Promise<CheckReport> {
  const placed = requirePlaced(connection);
  const report = await checkConnection(placed, { ...access, signal });
  if (report.outcome === 'healthy' || connection.status !== 'active') return report;
  return checkConnection(placed, { ...access, signal, waitSeconds: confirmSeconds });
}
