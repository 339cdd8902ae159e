import type { AwsCredentials } from './credentials.ts';

/** Current credentials of one role session, renewed in time. */
export interface RoleCredentials {
  (): Promise<AwsCredentials>;
  /** Makes the next call ask STS, unless the rejected ones are replaced already or not named. */
  invalidate(rejected?: AwsCredentials): void;
}

/** The SDK asks for others when `expiration` is less than this away. */
const sdkMarginMs = 5 * 60_000;
const renewalMarginMs = 10 * 60_000;

/** How long sessions are that nobody wants longer or shorter. */
export const usualLifetimeSeconds = 3600;

/**
 * Keeps what `ask` gives and renews it when half its life is over or ten minutes are
 * left, whichever is later. However many ask at once, `ask` is called once.
 *
 * The `expiration` handed out is chosen so that the SDK asks again exactly when they
 * are due: with the true one, it would keep them until five minutes before the end
 * and then ask for every single request. STS gives sessions as long as they were asked for: one
 * that seems much shorter is seen by a clock that is ahead, and then its length counts.
 */
export function renewedCredentials(
  ask: () => Promise<Required<Pick<AwsCredentials, 'expiration'>> & AwsCredentials>,
  now: () => Date = () => new Date(),
  lifetimeSeconds = usualLifetimeSeconds,
): RoleCredentials {
  const lifetimeMs = lifetimeSeconds * 1000;
  let current: { readonly credentials: AwsCredentials; readonly dueAtMs: number } | undefined;
  let renewal: Promise<AwsCredentials> | undefined;

  const renew = async (): Promise<AwsCredentials> => {
    const askedAtMs = now().getTime();
    const given = await ask();
    const saidEndMs = given.expiration.getTime();
    const isClockAhead = saidEndMs - askedAtMs < lifetimeMs / 2;
    const endMs = isClockAhead ? askedAtMs + lifetimeMs : saidEndMs;
    const dueAtMs = Math.max(askedAtMs + (endMs - askedAtMs) / 2, endMs - renewalMarginMs);
    const expiration = new Date(Math.min(dueAtMs + sdkMarginMs, endMs));
    current = { credentials: { ...given, expiration }, dueAtMs };
    return current.credentials;
  };
  const provider = async () => {
    if (current && now().getTime() < current.dueAtMs) return current.credentials;
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
  return Object.assign(provider, {
    invalidate(rejected?: AwsCredentials) {
      if (rejected && rejected.accessKeyId !== current?.credentials.accessKeyId) return;
      current = undefined;
    },
  });
}
