import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { associatedData } from './envelope.ts';
import type { KeyEncryptionKey } from './key-ring.ts';

const algorithm = 'aes-256-gcm';
const saltBytes = 32;
const tagBytes = 16;
/** Good for one encryption, and a derived key makes only one. */
const nonce = Buffer.alloc(12);

/**
 * A key from a file. Each wrapping derives a key of its own from 32 random bytes
 * (HKDF-SHA-256), so that the number of wrappings has no limit: with random nonces
 * under the key itself AES-GCM would have one, of 2^32.
 * https://csrc.nist.gov/pubs/sp/800/38/d/final (8.3)
 *
 * Wrapped: 32 bytes of salt, 32 of the encrypted data key, 16 of the tag.
 */
export function fileKey(id: string, key: Buffer): KeyEncryptionKey {
  const derive = (salt: Buffer) =>
    Buffer.from(hkdfSync('sha256', key, salt, `causeway data key wrapping\0${id}`, 32));
  const wrap: KeyEncryptionKey['wrap'] = async (dataKey, binding) => {
    const salt = randomBytes(saltBytes);
    const cipher = createCipheriv(algorithm, derive(salt), nonce).setAAD(associatedData(binding));
    return Buffer.concat([salt, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  };
  return {
    id,
    wrap,
    async newDataKey(binding) {
      const dataKey = randomBytes(32);
      return { dataKey, wrappedKey: await wrap(dataKey, binding) };
    },
    async unwrap(wrappedKey, binding) {
      const body = wrappedKey.subarray(saltBytes, -tagBytes);
      if (body.length !== 32) return null;
      const derived = derive(wrappedKey.subarray(0, saltBytes));
      const decipher = createDecipheriv(algorithm, derived, nonce, { authTagLength: tagBytes });
      decipher.setAAD(associatedData(binding)).setAuthTag(wrappedKey.subarray(-tagBytes));
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]);
      } catch {
        return null;
      }
    },
  };
}

const line = /^([a-z0-9][a-z0-9._-]{0,62}):([A-Za-z0-9+/]{43}=)$/;

/**
 * Reads a key file: one key a line as `id:base64`, 32 bytes each, the newest last;
 * empty lines and lines that begin with `#` are skipped.
 *
 * @throws Error that names the line and never what is in it.
 */
export function parseKeyFile(text: string): KeyEncryptionKey[] {
  const keys = new Map<string, string>();
  for (const [index, found] of text.split(/\r?\n/).entries()) {
    if (found.trim() === '' || found.startsWith('#')) continue;
    const [, id, key] = line.exec(found.trim()) ?? [];
    if (id === undefined || key === undefined) {
      throw new Error(`line ${index + 1} is not "id:" and 32 bytes in base64`);
    }
    if (keys.has(id)) throw new Error(`line ${index + 1} has the id of an earlier line`);
    if ([...keys.values()].includes(key)) {
      throw new Error(`line ${index + 1} has the key of an earlier line`);
    }
    keys.set(id, key);
  }
  if (keys.size === 0) throw new Error('it holds no key');
  return Array.from(keys, ([id, key]) => fileKey(id, Buffer.from(key, 'base64')));
}

/** A line for a key file with a new random key. */
export function newKeyLine(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}\n`;
}
