import { createHash, type Hash } from 'node:crypto';
import { AwsError } from '../http/aws-error.ts';
import { hmac, type Signer, sameSignature, sha256 } from './signature.ts';

const nothing = sha256('');

/** Verifies the chain of signatures of a chunked body: each one covers the one before it. */
export class ChunkSignatures {
  readonly #signer: Signer;
  #previous: string;
  #hash: Hash = createHash('sha256');

  constructor(signer: Signer) {
    this.#signer = signer;
    this.#previous = signer.signature;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** @throws AwsError `SignatureDoesNotMatch` unless `signature` is that of the chunk just read. */
  endChunk(signature: string): void {
    const expected = this.#sign('PAYLOAD', `${nothing}\n${this.#hash.digest('hex')}`);
    this.#hash = createHash('sha256');
    this.#advance(expected, signature);
  }

  /** @throws AwsError `SignatureDoesNotMatch` unless `signature` is that of the trailers. */
  endTrailers(trailers: readonly (readonly [string, string])[], signature: string): void {
    const lines = trailers.map(([name, value]) => `${name}:${value}\n`).join('');
    this.#advance(this.#sign('TRAILER', sha256(lines)), signature);
  }

  #sign(kind: 'PAYLOAD' | 'TRAILER', what: string): string {
    const { key, scope, timestamp } = this.#signer;
    const stringToSign = `AWS4-HMAC-SHA256-${kind}\n${timestamp}\n${scope}\n${this.#previous}\n${what}`;
    return hmac(key, stringToSign).toString('hex');
  }

  #advance(expected: string, signature: string): void {
    if (!sameSignature(expected, signature)) {
      throw new AwsError(
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      );
    }
    this.#previous = expected;
  }
}
