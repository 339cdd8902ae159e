import { compareUtf8 } from '../../state/compare-utf8.ts';
import type { State } from '../../state/state.ts';
import { behindPrefix, commonPrefix, firstAfter } from '../common-prefix.ts';
import { isOlder } from './version-ids.ts';
import {
  type FoundVersion,
  keyOfRow,
  type Place,
  rowsFrom,
  versionIdOf,
  versionsOf,
} from './version-rows.ts';

export interface ListedVersion extends FoundVersion {
  readonly key: string;
}

export interface VersionPage {
  /** By key, and those of a key from the newest on. */
  readonly versions: readonly ListedVersion[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page goes on; null on the last. A common prefix has no version. */
  readonly next: { readonly key: string; readonly versionId: string | null } | null;
}

export interface VersionQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** What the page starts after: a key with all its versions, or with those up to `versionId`. */
  readonly keyMarker: string;
  readonly versionIdMarker: string | null;
  readonly limit: number;
}

/**
 * Reads one page of the versions of `bucket`. What lies under one common prefix
 * is stepped over at once, so the cost is that of the page.
 */
export function versionPage(state: State, bucket: string, query: VersionQuery): VersionPage {
  const versions: ListedVersion[] = [];
  const commonPrefixes: string[] = [];
  let next: VersionPage['next'] = null;
  for (const step of steps(state, bucket, query)) {
    if (versions.length + commonPrefixes.length === query.limit) {
      // Nobody who asks for nothing is told to go on.
      return { versions, commonPrefixes, next };
    }
    if (typeof step === 'string') {
      commonPrefixes.push(step);
      next = { key: step, versionId: null };
    } else {
      versions.push(step);
      next = { key: step.key, versionId: versionIdOf(step.record) };
    }
  }
  return { versions, commonPrefixes, next: null };
}

/** Versions and common prefixes in the order of their keys. */
function* steps(
  state: State,
  bucket: string,
  query: VersionQuery,
): Generator<ListedVersion | string> {
  yield* restOfMarked(state, bucket, query);
  let from = firstAfter(query.keyMarker, query);
  for (;;) {
    const key = nextKey(state, bucket, from);
    if (key === null || !key.startsWith(query.prefix)) return;
    const common = commonPrefix(key, query);
    if (common !== null) {
      yield common;
      from = behindPrefix(common);
      continue;
    }
    for (const found of versionsOf(state, { bucket, key })) yield { ...found, key };
    from = `${key}\0`;
  }
}

/** The versions of the marked key that are older than the marked one. */
function* restOfMarked(
  state: State,
  bucket: string,
  { keyMarker, versionIdMarker, prefix }: VersionQuery,
): Generator<ListedVersion> {
  if (versionIdMarker === null || !keyMarker.startsWith(prefix)) return;
  let isPast = false;
  for (const found of versionsOf(state, { bucket, key: keyMarker })) {
    if (isPast) yield { ...found, key: keyMarker };
    isPast ||= versionIdOf(found.record) === versionIdMarker;
  }
  if (!isPast) yield* restOfGone(state, { bucket, key: keyMarker }, versionIdMarker);
}

/**
 * Whoever deletes what they list, page by page, starts after a version that is gone.
 * Where the version `null` stood is not known any more: rather twice than not at all.
 */
function* restOfGone(state: State, place: Place, markerId: string): Generator<ListedVersion> {
  for (const found of versionsOf(state, place)) {
    if (isOlder(versionIdOf(found.record), markerId) !== false) yield { ...found, key: place.key };
  }
}

/** All keys of a bucket that have any version, in order. What was yielded may be changed meanwhile. */
export function* keysOfBucket(state: State, bucket: string): Generator<string> {
  for (let key = nextKey(state, bucket, ''); key !== null; ) {
    yield key;
    key = nextKey(state, bucket, `${key}\0`);
  }
}

/** The first key from `from` on that has an object or any other version. */
function nextKey(state: State, bucket: string, from: string): string | null {
  const start = `${bucket}/`;
  const name = state.objects.seek(`${start}${from}`);
  const visible = name?.startsWith(start) ? name.slice(start.length) : null;
  const row = state.versions.seek(rowsFrom(bucket, from));
  const hidden = row?.startsWith(start) ? keyOfRow(bucket, row) : null;
  if (visible === null || hidden === null) return visible ?? hidden;
  return compareUtf8(visible, hidden) <= 0 ? visible : hidden;
}
