import { type Figure, median, round2 } from '../figure.ts';

/** Does something, and says how many milliseconds it took. */
type Measure = () => Promise<number>;
type Readings<T> = { [K in keyof T]: number[] };

/**
 * What each way takes, round by round, after one round that warms up. They take turns, so
 * that what else the machine does falls on all of them.
 */
export async function alternate<T extends readonly Measure[]>(
  rounds: number,
  ways: readonly [...T],
): Promise<Readings<T>> {
  const readings = ways.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, way] of ways.entries()) {
      const reading = await way();
      if (round > 0) readings[i]?.push(reading);
    }
  }
  return readings as Readings<T>;
}

type Named = readonly [name: string, milliseconds: readonly number[]];

/** The median of the ratios of rounds. */
export function ratioFigure(
  figure: string,
  [name, times]: Named,
  [otherName, otherTimes]: Named,
  target?: string,
): Figure {
  const ratios = times.map((time, i) => time / (otherTimes[i] ?? Number.NaN));
  const seconds = (milliseconds: readonly number[]) => milliseconds.map((ms) => round2(ms / 1000));
  return {
    figure,
    value: round2(median(ratios)),
    unit: 'x',
    ...(target !== undefined && { target }),
    details: {
      [`${name}Seconds`]: seconds(times),
      [`${otherName}Seconds`]: seconds(otherTimes),
    },
  };
}
