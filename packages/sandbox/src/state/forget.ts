import type { State } from './state.ts';

/** How long a completed upload is remembered, so that repeating its completion is answered alike. */
const rememberedMilliseconds = 24 * 60 * 60 * 1000;

/** Forgets sessions that have expired, uploads that were completed long ago, and keys whose deletion is due. */
export function forgetTheOld(state: State, now: Date): void {
  const time = now.getTime();
  const sessions = [...state.sessions.under('')].filter(
    // An expired session is told apart from an unknown one for a while.
    (session) => Date.parse(session.expiresAt) + rememberedMilliseconds < time,
  );
  const uploads = [...state.uploads.under('')].filter(
    ({ completed }) => completed && Date.parse(completed.at) + rememberedMilliseconds < time,
  );
  const keys = [...state.kmsKeys.under('')].filter(
    ({ deletionAt }) => deletionAt !== null && Date.parse(deletionAt) <= time,
  );
  const gone = new Set(keys.map((key) => key.id));
  const aliases = [...state.kmsAliases.keysUnder('')].filter((name) =>
    gone.has(state.kmsAliases.get(name)?.keyId ?? ''),
  );
  state.commit(
    ...keys.map((key) => state.kmsKeys.remove(key.id)),
    ...aliases.map((name) => state.kmsAliases.remove(name)),
    ...sessions.map((session) => state.sessions.remove(session.accessKeyId)),
    ...uploads.map((upload) => state.uploads.remove(upload.id)),
  );
}

/** The blobs that some record names. */
export function namedBlobs(state: State): Set<string> {
  const named = new Set<string>();
  for (const object of state.objects.under('')) {
    for (const part of object.parts) named.add(part.blob);
  }
  for (const version of state.versions.under('')) {
    if ('isDeleteMarker' in version) continue;
    for (const part of version.parts) named.add(part.blob);
  }
  for (const part of state.parts.under('')) named.add(part.blob);
  return named;
}
