/** Condition keys of a request, and what it gives for each. */
export type Context = Readonly<Record<string, string | readonly string[]>>;
