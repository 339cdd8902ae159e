import type { Tags } from '../state/records.ts';

/** Condition keys of a request, and what it gives for each. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** Tags as condition keys of a name, such as `aws:ResourceTag/<key>`. */
export function tagContext(name: string, tags: Tags | undefined): Context {
  return Object.fromEntries(
    Object.entries(tags ?? {}).map(([key, value]) => [`${name}/${key}`, value]),
  );
}
