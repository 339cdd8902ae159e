import type { ObjectRecord, VersionRecord } from '../../state/records.ts';
import type { State } from '../../state/state.ts';
import type { Change } from '../../state/table.ts';
import type { World } from '../../world.ts';
import { notifyQueues } from '../notifications/notify-queues.ts';
import type { ObjectEvent } from './object-event.ts';
import {
  type FoundVersion,
  findVersion,
  isDeleteMarker,
  newestRow,
  newRow,
  objectName,
  type Place,
  rowsOf,
} from './version-rows.ts';

/** Changes that put or remove one version, and the objects that nobody can read after them. */
export interface VersionChange {
  readonly changes: readonly Change[];
  readonly gone: readonly ObjectRecord[];
}

/**
 * Carries out what happens to an object. Every object that becomes visible, or
 * goes, does so here, so that no queue misses its event.
 */
export function changeObjects(
  world: World,
  { changes, gone }: VersionChange,
  event: ObjectEvent,
  ...more: readonly Change[]
): void {
  world.state.commit(...changes, ...more, ...notifyQueues(event, world));
  world.blobs.remove(gone.flatMap(({ parts }) => parts.map((part) => part.blob)));
}

/**
 * A new version on top of those that a key has. With an id it leaves them all in
 * place; without one it takes the place of the version whose id is `null`.
 */
export function addVersion(state: State, place: Place, record: VersionRecord): VersionChange {
  const name = objectName(place);
  const current = state.objects.get(name);
  const replaced = record.versionId === undefined ? findVersion(state, place, 'null') : undefined;
  const changes: Change[] = [];
  if (replaced?.row) changes.push(state.versions.remove(replaced.row));
  const keepsCurrent = current !== undefined && replaced?.row !== null;
  if (keepsCurrent) changes.push(state.versions.put(newRow(state, place, 1), current));
  if (isDeleteMarker(record)) {
    if (current) changes.push(state.objects.remove(name));
    changes.push(state.versions.put(newRow(state, place, keepsCurrent ? 2 : 1), record));
  } else {
    changes.push(state.objects.put(name, record));
  }
  return { changes, gone: replaced && !isDeleteMarker(replaced.record) ? [replaced.record] : [] };
}

/** Removes one version for good. When it was the latest, the one below it becomes that. */
export function removeVersion(state: State, place: Place, found: FoundVersion): VersionChange {
  const changes = [
    found.row === null ? state.objects.remove(objectName(place)) : state.versions.remove(found.row),
  ];
  if (found.isLatest) changes.push(...uncover(state, place, found.row));
  return { changes, gone: isDeleteMarker(found.record) ? [] : [found.record] };
}

/** The version under the one that goes becomes visible, unless it is a delete marker. */
function uncover(state: State, place: Place, going: string | null): Change[] {
  const row = going === null ? newestRow(state, place) : rowBelow(state, place, going);
  const record = row === undefined ? undefined : state.versions.get(row);
  if (row === undefined || record === undefined || isDeleteMarker(record)) return [];
  return [state.versions.remove(row), state.objects.put(objectName(place), record)];
}

function rowBelow(state: State, place: Place, row: string): string | undefined {
  const next = state.versions.seek(`${row}\0`);
  return next?.startsWith(rowsOf(place)) ? next : undefined;
}
