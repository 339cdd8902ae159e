import { CausewayError } from '@causeway/contract';

export interface RateLimit {
  /** @throws CausewayError `too_many_requests` when nothing is left for this key. */
  take(key: string): void;
}

export interface RateLimitOptions {
  /** What cannot be done now, as the message says it: "check a connection". */
  readonly what: string;
  /** How many at once. */
  readonly burst: number;
  /** How long until there is one more. */
  readonly secondsEach: number;
  /** In milliseconds. */
  readonly now?: () => number;
}

/** Beyond this many keys, those that have all their tokens again are forgotten. */
const manyKeys = 10_000;

/**
 * A bucket of tokens for each key, such as a customer or an address. Every process
 * counts by itself: with several, the limit is as many times as high.
 */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { what, burst, secondsEach, now = () => performance.now() } = options;
  const eachMs = secondsEach * 1000;
  /** When a key has all its tokens again: one moment says how many there are. */
  const fullAt = new Map<string, number>();
  return {
    take(key) {
      const time = now();
      if (fullAt.size > manyKeys) {
        for (const [other, full] of fullAt) if (full <= time) fullAt.delete(other);
      }
      const next = Math.max(fullAt.get(key) ?? 0, time) + eachMs;
      const waitMs = next - time - burst * eachMs;
      if (waitMs > 0) {
        const retryAfterSeconds = Math.ceil(waitMs / 1000);
        throw new CausewayError('too_many_requests', { what, retryAfterSeconds });
      }
      fullAt.set(key, next);
    },
  };
}
