import { setTimeout as sleep } from 'node:timers/promises';
import {
  afterCheck,
  type CheckDeps,
  checkConnection,
  jittered,
  notReady,
  requirePlaced,
} from '@causeway/connections';
import { CausewayError, type CheckReport, type Connection, healthOf } from '@causeway/contract';
import type { Store } from '@causeway/store';
import { keepCheck } from './keep-check.ts';

export interface RefreshDeps {
  readonly store: Pick<Store, 'checkSchedule' | 'connections'>;
  readonly access: CheckDeps;
  /** How old a check may be to be relied on. */
  readonly beforeRunSeconds: number;
}

/** How soon the schedule tries again when AWS could not be asked. */
export const retrySeconds = 300;

/** How long one waits for a check that another process has in hand: until one that died over it counts as dead. */
const patienceMs = 30_000;
const lookMs = 250;

/**
 * The connection as it is now, checked again if its last check is too old. Of all runs
 * that begin at once one makes the check, and the others wait for it.
 *
 * One that was active and is found wrong gets nothing from now on, and is not declared so
 * yet: IAM takes a while to spread a change, so the schedule looks at once whether it lasts.
 * When AWS cannot be asked, nothing is known and nothing changes.
 *
 * @throws CausewayError `connection_not_ready` with the fix.
 */
export async function refreshConnection(
  connection: Connection,
  signal: AbortSignal,
  deps: RefreshDeps,
): Promise<Connection> {
  if (isForPeople(connection)) return connection;
  const oldest = jittered(deps.beforeRunSeconds);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { state, connection: current } = await deps.store.checkSchedule.takeStale(
      connection.id,
      oldest,
    );
    if (state === 'taken') return checkNow(current, signal, deps);
    if (state === 'fresh') return current;
    if (performance.now() > deadline) throw stillChecked(current);
    await sleep(lookMs, undefined, { signal });
  }
}

/** What is being set up, or was paused, waits for people and not for a run. */
function isForPeople({ status, bucket }: Connection): boolean {
  return status === 'draft' || status === 'paused' || bucket === null;
}

async function checkNow(
  connection: Connection,
  signal: AbortSignal,
  { store, access }: RefreshDeps,
): Promise<Connection> {
  let report: CheckReport;
  try {
    report = await keepCheck(store.checkSchedule, connection.id, () =>
      checkConnection(requirePlaced(connection), { ...access, signal }),
    );
  } catch (error) {
    await store.checkSchedule.giveBack(connection.id, jittered(retrySeconds));
    if (CausewayError.is(error, 'store_unavailable')) return connection;
    throw error;
  }
  const next = (before: Connection) => afterCheck(before, report);
  const { status } = next(connection);
  if (connection.status !== 'active' || status === 'active') {
    return store.connections.saveCheck(connection, report, next);
  }
  await store.checkSchedule.giveBack(connection.id, 0);
  const { since, nextCheckAt } = connection.health;
  const facts = { ...connection, status, lastCheck: report };
  throw notReady({ ...facts, health: healthOf({ ...facts, since, nextCheckAt }) });
}

function stillChecked({ id }: Connection): CausewayError {
  return new CausewayError('connection_not_ready', {
    connectionId: id,
    status: 'being checked',
    fix: 'Wait until the check of the connection has ended, and run the delivery again',
    side: 'operator',
  });
}
