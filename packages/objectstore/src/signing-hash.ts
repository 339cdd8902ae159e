import { createHash, createHmac, createSecretKey, type Hash, type Hmac } from 'node:crypto';

type Data = string | ArrayBuffer | ArrayBufferView;

/**
 * SHA-256, and with a secret its HMAC, as the signer of the SDK asks for them.
 *
 * The SDK's own gives Node the bytes of each key. Node first tries them as two kinds of key
 * objects, and catches an exception for each, which costs twice what the HMAC does. A request has
 * up to five such keys: its own, and those that it is derived by where the SDK, which remembers
 * fifty of them, has forgotten it.
 */
export class SigningHash {
  readonly digestLength = 32;
  readonly #secret: Data | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: Data) {
    this.#secret = secret;
    this.#hash = begin(secret);
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = begin(this.#secret);
  }
}

function begin(secret: Data | undefined): Hash | Hmac {
  if (secret === undefined) return createHash('sha256');
  const key = bytesOf(secret);
  return createHmac('sha256', typeof key === 'string' ? key : createSecretKey(key));
}

function bytesOf(data: Data): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
