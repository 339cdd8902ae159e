import type { Tags } from '../state/records.ts';
import type { Context } from './context.ts';

/** The tags of a principal as condition keys; later ones hide earlier ones. */
export function principalTags(...tags: readonly (Tags | undefined)[]): Context {
  const merged = new Map<string, readonly [string, string]>();
  // Keys of tags are the same whatever their letter case.
  for (const [key, value] of tags.flatMap((some) => Object.entries(some ?? {}))) {
    merged.set(key.toLowerCase(), [`aws:PrincipalTag/${key}`, value]);
  }
  return Object.fromEntries(merged.values());
}
