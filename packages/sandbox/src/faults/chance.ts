import { createHash } from 'node:crypto';

/**
 * A number from 0 up to, not including, 1 that follows from a seed and words alone.
 *
 * Each rule of a plan draws by the count of its own matching requests, so what
 * befalls the third upload does not depend on what else is asked meanwhile.
 */
export function chance(seed: number, ...words: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update([seed, ...words].join('/'))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
