export interface MergedNames {
  readonly items: readonly unknown[];
  /** What was there and is not ours. */
  readonly others: readonly unknown[];
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Puts our items into a list by their name under `key`: in the place of the one that
 * has it already, or else at the end. Nothing else moves.
 */
export function mergeNamed(
  existing: readonly unknown[],
  ours: readonly object[],
  key: 'Sid' | 'ID',
): MergedNames {
  const nameOf = (item: unknown) => (item as Readonly<Record<string, unknown>> | null)?.[key];
  const names = new Set(ours.map(nameOf));
  const items = [...existing];
  const report = { added: [] as string[], replaced: [] as string[], unchanged: [] as string[] };
  for (const item of ours) {
    const name = String(nameOf(item));
    const at = items.findIndex((other) => nameOf(other) === name);
    if (at === -1) {
      items.push(item);
      report.added.push(name);
    } else if (isSame(items[at], item)) {
      report.unchanged.push(name);
    } else {
      items[at] = item;
      report.replaced.push(name);
    }
  }
  return { items, others: existing.filter((item) => !names.has(nameOf(item))), ...report };
}

/** The order of keys means nothing in JSON; AWS gives documents back as they were put, people may not. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return one === other;
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return (
    left.size === right.size &&
    [...left].every(([name, value]) => right.has(name) && isSame(value, right.get(name)))
  );
}
