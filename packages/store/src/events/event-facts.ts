/** A record as events tell of it. */
export type Facts = Readonly<Record<string, unknown>>;

/** All of a record but what is not told. */
export function factsOf(record: object, untold: ReadonlySet<string>): Facts {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !untold.has(name)));
}

/** The names of what is different now, of all that there was or is. */
export function differences(was: Facts, is: Facts): string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
}

/** Some of the facts; null for what is not there. */
export function pick(facts: Facts, names: readonly string[]): Facts {
  return Object.fromEntries(names.map((name) => [name, facts[name] ?? null]));
}
