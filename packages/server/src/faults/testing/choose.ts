import { createHash } from 'node:crypto';

/** Which scenarios are run: all with `CAUSEWAY_FAULTS=all`, else a few that follow from the seed. */
export const runsAll = process.env['CAUSEWAY_FAULTS'] === 'all';
/** From `CAUSEWAY_FAULTS_SEED`; a day has its own, so that in time all are run. */
export const seed = Number(
  process.env['CAUSEWAY_FAULTS_SEED'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''),
);

/** Some of `items`, always the same for a seed and a name; all when all are asked for. */
export function choose<T>(name: string, items: readonly T[], count: number): readonly T[] {
  if (runsAll || items.length <= count) return items;
  return items
    .map((item, index) => ({ item, index, rank: draw(`${name}/${index}`) }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count)
    .toSorted((a, b) => a.index - b.index)
    .map(({ item }) => item);
}

/** A number from 0 up to, not including, 1 that follows from the seed and a name. */
export function draw(name: string): number {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
