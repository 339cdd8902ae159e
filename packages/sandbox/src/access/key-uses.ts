import type { Claim } from '../sigv4/claim.ts';

export interface KeyUse {
  readonly at: Date;
  readonly service: string;
  readonly region: string;
}

/**
 * When, and for what, each access key was last used. Kept in memory only, as writing
 * on every request would cost more than the news is worth: a restart forgets it.
 */
export class KeyUses {
  readonly #last = new Map<string, KeyUse>();

  note({ accessKeyId, service, region }: Claim, at: Date): void {
    this.#last.set(accessKeyId, { at, service, region });
  }

  last(accessKeyId: string): KeyUse | null {
    return this.#last.get(accessKeyId) ?? null;
  }
}
