import type { SecretBinding } from './secret-place.ts';

/** A key that encrypts data keys. It never meets a secret itself. */
export interface KeyEncryptionKey {
  readonly id: string;
  /** A random data key of 32 bytes for one secret, plain and wrapped. */
  newDataKey(
    binding: SecretBinding,
  ): Promise<{ readonly dataKey: Buffer; readonly wrappedKey: Buffer }>;
  wrap(dataKey: Buffer, binding: SecretBinding): Promise<Buffer>;
  /** Null when this key, or one of another value under the same id, did not wrap it for this binding. */
  unwrap(wrappedKey: Buffer, binding: SecretBinding): Promise<Buffer | null>;
}

/** Several keys by id: the newest wraps, the others still unwrap until nothing refers to them. */
export interface KeyRing {
  newest(): Promise<KeyEncryptionKey>;
  /** Looks once more where the keys come from before it says that there is none such. */
  find(keyId: string): Promise<KeyEncryptionKey | null>;
  /** Looks for keys that were added since. */
  reload(): Promise<void>;
}

export interface KeyRingSources {
  /** The keys of the file, newest last. */
  readonly readKeys: () => Promise<readonly KeyEncryptionKey[]>;
  /** A key of a key management service, which then is the newest. */
  readonly managedKey?: KeyEncryptionKey;
  /** Finds keys of that service that were used before; null for ids that are none of its. */
  readonly findManaged?: (keyId: string) => KeyEncryptionKey | null;
}

/** @throws what `readKeys` throws; Error when there is no key at all. */
export async function openKeyRing(sources: KeyRingSources): Promise<KeyRing> {
  const { managedKey, findManaged } = sources;
  let keys = await sources.readKeys();
  // Each has a client of its own, which keeps its connections: one is made once.
  const managed = new Map(managedKey && [[managedKey.id, managedKey]]);
  const knownManaged = (keyId: string) => {
    const key = managed.get(keyId) ?? findManaged?.(keyId) ?? null;
    if (key) managed.set(keyId, key);
    return key;
  };
  const known = (keyId: string) => keys.find(({ id }) => id === keyId) ?? knownManaged(keyId);
  const reload = async () => {
    keys = await sources.readKeys();
  };
  return {
    reload,
    async newest() {
      const newest = managedKey ?? keys.at(-1);
      if (!newest) throw new Error('Cannot seal a secret: the key ring is empty');
      return newest;
    },
    async find(keyId) {
      const found = known(keyId);
      if (found) return found;
      await reload();
      return known(keyId);
    },
  };
}
