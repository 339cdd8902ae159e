import { CausewayError } from '@causeway/contract';
import {
  openSecret,
  rewrapSecret,
  type SealedSecret,
  sealSecret,
  type WrappedKey,
} from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';
import type { SecretPlace } from './secret-place.ts';

/** How many secrets one key wraps. */
export interface KeyUse {
  readonly keyId: string;
  readonly secrets: number;
}

/** Where sealed secrets are kept. Nothing in it opens one. */
export interface SecretStore {
  /** Takes the place of what was there. */
  save(secret: SealedSecret): Promise<void>;
  find(place: SecretPlace): Promise<SealedSecret | null>;
  remove(place: SecretPlace): Promise<void>;
  countByKey(): Promise<KeyUse[]>;
  /** Some whose key is that one, or with `not` any other. */
  some(
    key: { readonly is: string } | { readonly not: string },
    limit: number,
  ): Promise<SealedSecret[]>;
  /** Does nothing when the secret was written or wrapped anew meanwhile. */
  rewrap(before: SealedSecret, after: WrappedKey): Promise<boolean>;
}

/** What a rotation did, and how it stands. */
export interface Rotation {
  readonly rewrapped: number;
  /** Secrets that still are under older keys. */
  readonly remaining: number;
  readonly keys: readonly KeyState[];
}

export interface KeyState extends KeyUse {
  readonly newest: boolean;
}

/** Secrets as the rest of the program uses them. */
export interface SecretVault {
  /** Made ready to be saved, in the transaction of what it belongs to. */
  seal(place: SecretPlace, value: Secret<string>): Promise<SealedSecret>;
  /** Null when there is none. @throws CausewayError `secret_not_readable`. */
  read(place: SecretPlace): Promise<Secret<string> | null>;
  keys(): Promise<KeyState[]>;
  /**
   * Wraps up to `limit` secrets with the newest key, which is looked for anew. Nothing
   * stops meanwhile: readers find each secret under its old or its new key. What is
   * left is found again by the next call, so that a rotation which was cut off goes on
   * where it was. A key without secrets may be taken out of the ring.
   *
   * @throws CausewayError `secret_not_readable` when the old key is gone already.
   */
  rotate(limit: number): Promise<Rotation>;
}

export function secretVault(ring: KeyRing, store: SecretStore): SecretVault {
  const keys = async () => {
    const newest = (await ring.newest()).id;
    const uses = await store.countByKey();
    const others = uses.filter(({ keyId }) => keyId !== newest);
    const secrets = uses.find(({ keyId }) => keyId === newest)?.secrets ?? 0;
    return [
      { keyId: newest, secrets, newest: true },
      ...others.map((use) => ({ ...use, newest: false })),
    ];
  };
  return {
    keys,
    seal: (place, value) => sealSecret(ring, place, value),
    async read(place) {
      const sealed = await store.find(place);
      return sealed && openSecret(ring, sealed);
    },
    async rotate(limit) {
      await ring.reload();
      const { id } = await ring.newest();
      let rewrapped = 0;
      for (const sealed of await store.some({ not: id }, limit)) {
        if (await store.rewrap(sealed, await rewrapSecret(ring, sealed))) rewrapped += 1;
      }
      const states = await keys();
      const remaining = states.reduce((sum, key) => sum + (key.newest ? 0 : key.secrets), 0);
      return { rewrapped, remaining, keys: states };
    },
  };
}

/**
 * What keeps the secrets that are stored from being opened, as sentences; none when
 * all is well. One secret of each key is opened, since a key may have the right id and
 * the wrong value; and one is sealed and opened again under the newest.
 *
 * @throws CausewayError `store_refused` when KMS refuses the newest, `store_unavailable` when it
 * gives no answer.
 */
export async function findKeyTroubles(ring: KeyRing, store: SecretStore): Promise<string[]> {
  const probe = { customerId: null, connectionId: null, field: 'start' };
  const troubles: string[] = [];
  await openSecret(ring, await sealSecret(ring, probe, new Secret('probe')));
  for (const { keyId, secrets } of await store.countByKey()) {
    if (!(await ring.find(keyId))) {
      troubles.push(`key "${keyId}" is missing, and ${secrets} secrets are sealed with it`);
      continue;
    }
    const [sample] = await store.some({ is: keyId }, 1);
    if (!sample) continue;
    const trouble = await troubleOpening(ring, sample);
    if (trouble) troubles.push(`key "${keyId}" ${trouble} ${secrets} secrets are sealed with`);
  }
  return troubles;
}

/** What is wrong with the key of a secret, as the middle of a sentence; null when it opens. */
async function troubleOpening(ring: KeyRing, sample: SealedSecret): Promise<string | null> {
  try {
    await openSecret(ring, sample);
    return null;
  } catch (error) {
    if (CausewayError.is(error, 'secret_not_readable')) {
      return 'has another value than the one that';
    }
    if (!CausewayError.is(error, 'store_refused')) throw error;
    const { code, reason } = error.details;
    return `is refused by KMS (${code}: ${reason}), and it is the one that`;
  }
}
