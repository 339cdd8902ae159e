import type { SealedSecret } from '../secrets/envelope.ts';
import { openSecret, sealSecret } from '../secrets/envelope.ts';
import { newKeyLine, parseKeyFile } from '../secrets/file-key.ts';
import { openKeyRing } from '../secrets/key-ring.ts';
import type { IssuerDeps } from '../web-identity/issuer.ts';
import type { IssuerKey, IssuerKeyStore } from '../web-identity/issuer-keys.ts';

/** Keys of an issuer in memory, changed one at a time, with the secrets sealed as in production. */
export async function issuerKeysInMemory(): Promise<
  Pick<IssuerDeps, 'keys' | 'secrets'> & { readonly sealed: ReadonlyMap<string, SealedSecret> }
> {
  const ring = await openKeyRing({ readKeys: async () => parseKeyFile(newKeyLine('k1')) });
  let keys: IssuerKey[] = [];
  const sealed = new Map<string, SealedSecret>();
  let turn: Promise<unknown> = Promise.resolve();
  const store: IssuerKeyStore = {
    list: async () => keys,
    change(decide) {
      const done = turn.then(async () => {
        const change = await decide(keys);
        if (!change) return keys;
        keys = keys.filter(({ id }) => !change.drop.includes(id));
        for (const id of change.drop) sealed.delete(`issuer_key/${id}`);
        if (change.add) {
          keys = [...keys, change.add.key];
          sealed.set(change.add.privateKey.field, change.add.privateKey);
        }
        return keys;
      });
      turn = done;
      return done;
    },
  };
  return {
    keys: store,
    secrets: {
      seal: (place, value) => sealSecret(ring, place, value),
      async read({ field }) {
        const found = sealed.get(field);
        return found ? openSecret(ring, found) : null;
      },
    },
    sealed,
  };
}
