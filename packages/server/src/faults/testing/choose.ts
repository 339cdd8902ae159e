import { createHash } from 'node:crypto';

// biome-ignore lint/style/noProcessEnv: tests are told in no other way
const { CAUSEWAY_FAULTS: wanted, CAUSEWAY_FAULTS_SEED: givenSeed } = process.env;

/** What pairs of moments and the like follow from. */
export const seed = Number(givenSeed ?? 5);

/** Some of `items`, always the same for a seed and a name; all of them with `CAUSEWAY_FAULTS=all`. */
export function choose<T>(name: string, items: readonly T[], count: number): readonly T[] {
  if (wanted === 'all' || items.length <= count) return items;
  return items
    .map((item, index) => ({ item, index, rank: draw(`${name}/${index}`) }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count)
    .toSorted((a, b) => a.index - b.index)
    .map(({ item }) => item);
}

/** One of `items`, which follows from the seed and a name. */
export function pick<T>(name: string, items: readonly T[]): T {
  const item = items[Math.floor(draw(name) * items.length)];
  if (item === undefined) throw new Error('Cannot pick one of nothing');
  return item;
}

/** A number from 0 up to, not including, 1. */
function draw(name: string): number {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
