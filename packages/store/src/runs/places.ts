/** A fixed number of places, given to those who wait in the order in which they came. */
export interface Places {
  take(): Promise<void>;
  give(): void;
}

export function places(count: number): Places {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give() {
      const next = waiting.shift();
      if (next) next();
      else free++;
    },
  };
}
