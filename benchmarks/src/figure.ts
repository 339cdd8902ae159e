export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** A stated limit, such as `<= 1.15`. */
  readonly target?: string;
  /** What the value was made of. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
