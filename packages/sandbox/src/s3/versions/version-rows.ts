/**
 * Where versions are kept.
 *
 * The table `objects` holds what can be seen without naming a version, one
 * record a key: buckets that never had versioning need nothing else, and
 * listing them costs what it did. The table `versions` holds what lies below:
 * versions that are not current, and delete markers, current or not. Its rows
 * of one key are ordered from the newest to the oldest. When a key has an
 * object in `objects`, that is its newest version; when it has none but has
 * rows, the newest of them is a delete marker.
 */
import type { DeleteMarkerRecord, ObjectRecord, VersionRecord } from '../../state/records.ts';
import type { State } from '../../state/state.ts';
import type { Change } from '../../state/table.ts';

/** A key of a bucket. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** A version and where it is kept. */
export interface FoundVersion {
  readonly record: VersionRecord;
  /** Its row in `versions`; null for the visible object. */
  readonly row: string | null;
  readonly isLatest: boolean;
}

/** Sorts before every character that can follow a key; a NUL within a key is told apart from it. */
const separator = '\0\0';
const escapedNul = '\0\u0001';

/** Rows are numbered downwards from here, so that a newer one comes first. */
const highestOrder = 2 ** 48 - 1;
const orderDigits = 12;

export function isDeleteMarker(record: VersionRecord): record is DeleteMarkerRecord {
  return 'isDeleteMarker' in record;
}

/** A version's id as requests and answers have it. */
export function versionIdOf({ versionId }: { readonly versionId?: string }): string {
  return versionId ?? 'null';
}

/** The name of a key's visible object in `objects`. */
export function objectName({ bucket, key }: Place): string {
  return `${bucket}/${key}`;
}

/** What all rows of a key start with. */
export function rowsOf({ bucket, key }: Place): string {
  return `${rowsFrom(bucket, key)}${separator}`;
}

/** Where the rows of this key and of those after it start. */
export function rowsFrom(bucket: string, key: string): string {
  return `${bucket}/${key.replaceAll('\0', escapedNul)}`;
}

/** The key that a row is of. */
export function keyOfRow(bucket: string, row: string): string {
  return row
    .slice(bucket.length + 1, -(separator.length + orderDigits))
    .replaceAll(escapedNul, '\0');
}

/** The row above all that a key has; `above` 1 is the one directly above. */
export function newRow(state: State, place: Place, above: number): string {
  const start = rowsOf(place);
  const newest = newestRow(state, place);
  const order =
    newest === undefined ? highestOrder + 1 : Number.parseInt(newest.slice(-orderDigits), 16);
  return `${start}${(order - above).toString(16).padStart(orderDigits, '0')}`;
}

export function newestRow(state: State, place: Place): string | undefined {
  const start = rowsOf(place);
  const row = state.versions.seek(start);
  return row?.startsWith(start) ? row : undefined;
}

/** All versions of a key, newest first. */
export function* versionsOf(state: State, place: Place): Generator<FoundVersion> {
  const current = state.objects.get(objectName(place));
  if (current) yield { record: current, row: null, isLatest: true };
  let isLatest = current === undefined;
  for (const row of state.versions.keysUnder(rowsOf(place))) {
    const record = state.versions.get(row);
    if (record) yield { record, row, isLatest };
    isLatest = false;
  }
}

/** The newest version of a key. */
export function latestVersion(state: State, place: Place): FoundVersion | undefined {
  for (const found of versionsOf(state, place)) return found;
  return undefined;
}

/** The version of a key that has this id, `null` being one. */
export function findVersion(state: State, place: Place, id: string): FoundVersion | undefined {
  for (const found of versionsOf(state, place)) if (versionIdOf(found.record) === id) return found;
  return undefined;
}

/** The change that keeps a version where it is and changes what is known of it. */
export function replaceRecord(
  state: State,
  place: Place,
  { row }: FoundVersion,
  record: ObjectRecord,
): Change {
  return row === null
    ? state.objects.put(objectName(place), record)
    : state.versions.put(row, record);
}
