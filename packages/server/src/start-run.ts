import {
  CausewayError,
  type Delivery,
  DeliveryTerms,
  mostRecordFiles,
  type Run,
  type Window,
} from '@causeway/contract';
import { planWindow } from '@causeway/delivery';
import type { CutAt, NewRun, Store } from '@causeway/store';
import { hasNew, sealPushed } from './push/seal-pushed.ts';
import { versionOf } from './push/version-of.ts';
import type { Sources } from './sources/source-kind.ts';

export interface StartRunDeps {
  readonly store: Pick<Store, 'connections' | 'datasets' | 'deliveries' | 'pushedRecords' | 'runs'>;
  readonly sources: Pick<Sources, 'version'>;
  readonly now?: () => Date;
}

/**
 * Starts a run: fixes the window of each customer and leaves the rest to a worker.
 *
 * @throws CausewayError `not_found`, `run_in_progress`; `no_recipients` when none of the
 * customers can be delivered to; `source_not_allowed`, `source_not_readable`;
 * `invalid_request` for a window that is none.
 */
export async function startRun(
  input: { readonly id: string; readonly window?: Window | undefined },
  deps: StartRunDeps,
): Promise<Run> {
  const { run } = await planRun(input, deps);
  return deps.store.runs.create(run);
}

export interface PlannedRun {
  readonly run: NewRun;
  readonly version: string | null;
  /** Of pushed records: until when its windows go. */
  readonly sealedAt: string | null;
}

/**
 * The run that would be started now, and the version of the source that it would send:
 * the one given, as it was just looked at, or as it is told now.
 *
 * @throws CausewayError as {@link startRun} does, but for `run_in_progress`.
 */
export async function planRun(
  input: Parameters<typeof startRun>[0] & {
    readonly version?: string | null;
    /** Leaves out who has all that was pushed. */
    readonly onlyNew?: boolean;
  },
  deps: StartRunDeps,
): Promise<PlannedRun> {
  const { store } = deps;
  if (input.window) refuseImpossibleWindow(input.window);
  const delivery = await store.deliveries.get(input.id);
  const dataset = await store.datasets.get(delivery.datasetId);
  if (input.window && delivery.mode === 'full') refuseWindowOfFull();
  const { version = await versionOf(dataset, deps) } = input;
  const customerIds = await store.deliveries.customersOf(delivery);
  await requireRecipient(delivery, customerIds, store);
  const now = deps.now?.() ?? new Date();
  const sealed = await sealPushed(delivery, dataset, input.window, store);
  const cut = cutOf(delivery);
  if (input.window && cut) await refuseMany(input.window, cut, store);
  const { mode, startsAt } = delivery;
  const plan = { mode, sourceVersion: version, now, startsAt, ...sealed };
  const run: NewRun = {
    deliveryId: delivery.id,
    terms: DeliveryTerms.parse(delivery),
    now,
    customerIds,
    ...(cut && !input.window && { cut }),
    planWindow: (lastDelivered) =>
      input.onlyNew && lastDelivered && !hasNew(lastDelivered, sealed)
        ? null
        : planWindow({ ...plan, lastDelivered, ...(input.window && { requested: input.window }) }),
  };
  return { run, version, sealedAt: sealed.sealedAt ?? null };
}

function cutOf({ filePerRecord, datasetId }: Delivery): CutAt | null {
  return filePerRecord ? { datasetId, mostRecords: mostRecordFiles } : null;
}

/** A window that was asked for is sent as a whole, or not at all. */
async function refuseMany(
  window: Window,
  cut: CutAt,
  { pushedRecords }: StartRunDeps['store'],
): Promise<void> {
  const { to } = await pushedRecords.cut(cut, window);
  if (to === window.to) return;
  const message = `must not be later than "${to}": a run has at most ${cut.mostRecords} records of a file each`;
  throw new CausewayError('invalid_request', { issues: [{ path: 'window.to', message }] });
}

/** It would be signed in the manifest, over all rows whatever it says. */
function refuseWindowOfFull(): never {
  const message = 'is for incremental deliveries: a full one sends the whole source';
  throw new CausewayError('invalid_request', { issues: [{ path: 'window', message }] });
}

function refuseImpossibleWindow({ from, to }: Window): void {
  const issues: { path: string; message: string }[] = [];
  for (const [path, time] of Object.entries({ from, to })) {
    if (time === null || !/\.\d{6}0*[1-9]/.test(time)) continue;
    issues.push({ path: `window.${path}`, message: 'must not be finer than microseconds' });
  }
  if (from !== null && Date.parse(from) >= Date.parse(to)) {
    issues.push({ path: 'window.to', message: 'must be later than "window.from"' });
  }
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
}

/** A run without any would end at once as failed, which tells nobody what to do. */
async function requireRecipient(
  { id, customerRule }: Delivery,
  customerIds: readonly string[],
  store: StartRunDeps['store'],
): Promise<void> {
  if (await store.connections.anyActiveOf(customerIds)) return;
  const reason =
    customerRule !== null && customerIds.length === 0
      ? 'its rule fits no customer that has a connection to deliver by'
      : 'none of its customers has a connection whose last check was healthy';
  throw new CausewayError('no_recipients', { deliveryId: id, reason });
}
