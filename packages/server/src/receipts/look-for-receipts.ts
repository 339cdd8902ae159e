import { text } from 'node:stream/consumers';
import { type AccessDeps, openReader } from '@causeway/connections';
import {
  CausewayError,
  type Connection,
  largestReceiptBytes,
  type Receipt,
  receiptFolder,
} from '@causeway/contract';
import { notValid, parseManifestKey, parseReceipt, receiptKey } from '@causeway/delivery';
import type { FoundObject, S3Source } from '@causeway/objectstore';
import type { AwaitedReceipt, Store } from '@causeway/store';

export interface LookDeps {
  readonly store: Pick<Store, 'receipts' | 'connections'>;
  readonly access: AccessDeps;
  readonly signal: AbortSignal;
}

/** So many requests at most when a run is shown, whatever its size: one for each, two where there is a receipt. */
const mostOfRun = 8;
/** And with each check that the schedule makes. */
const mostOfConnection = 20;

/** Looks for receipts of a run that is shown. Tells whether it looked at all. */
export async function lookForReceiptsOfRun(runId: string, deps: LookDeps): Promise<boolean> {
  const awaited = await deps.store.receipts.takeOfRun(runId, mostOfRun);
  const byConnection = Map.groupBy(awaited, ({ connectionId }) => connectionId);
  await Promise.all(
    Array.from(byConnection, async ([connectionId, group]) =>
      look(await deps.store.connections.get(connectionId), group, deps),
    ),
  );
  return awaited.length > 0;
}

/** Looks for receipts of what was delivered lately over a connection. */
export async function lookForReceiptsOf(connection: Connection, deps: LookDeps): Promise<void> {
  if (!connection.capabilities.includes('deliver')) return;
  const awaited = await deps.store.receipts.takeOfConnection(connection.id, mostOfConnection);
  await look(connection, awaited, deps);
}

/**
 * Reads under credentials that are good for receipts alone. That one cannot be looked for now,
 * as the connection is not active or the store does not answer, changes nothing.
 */
async function look(
  connection: Connection,
  awaited: readonly AwaitedReceipt[],
  { store, access, signal }: LookDeps,
): Promise<void> {
  const places = Map.groupBy(awaited, ({ manifestKey }) => parseManifestKey(manifestKey)?.prefix);
  for (const [prefix, group] of places) {
    if (prefix === undefined || connection.status !== 'active') continue;
    const scope = {
      prefixes: [`${prefix}${receiptFolder}`],
      capability: 'ingest',
      sessionName: 'causeway-receipts',
      signal,
    } as const;
    let source: S3Source | undefined;
    try {
      source = openReader(connection, scope, access);
      for (const each of group) {
        await store.receipts.record(each, await find(source, prefix, each.runId));
      }
    } catch (error) {
      if (!CausewayError.is(error) && !signal.aborted) throw error;
    } finally {
      source?.close();
    }
  }
}

/**
 * What stands under the key of a receipt; null for nothing.
 *
 * It is listed and not asked for by name: of a key that does not exist S3 says so only to who
 * may list the whole bucket, and the right to list is one for the prefix.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
async function find(source: S3Source, prefix: string, runId: string): Promise<Receipt | null> {
  try {
    const object = await firstUnder(source, receiptKey(prefix, runId));
    if (!object) return null;
    const at = object.modifiedAt.toISOString();
    if (object.bytes > largestReceiptBytes) {
      return { at, ...notValid(`it has more than ${largestReceiptBytes} bytes`) };
    }
    return { at, ...parseReceipt(await text(await source.read(object, 0)), runId) };
  } catch (error) {
    if (CausewayError.is(error, 'object_not_found')) return null;
    if (!CausewayError.is(error, 'access_denied')) throw error;
    const at = new Date().toISOString();
    return { state: 'not_readable', at, saidAt: null, message: null };
  }
}

/** Of all keys that begin with it, a key itself is listed first: one page says whether it is there. */
async function firstUnder(source: S3Source, key: string): Promise<FoundObject | null> {
  for await (const object of source.list(key)) return object.key === key ? object : null;
  return null;
}
