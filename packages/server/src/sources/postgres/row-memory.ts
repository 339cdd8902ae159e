/** Memory that rows are put into as they come. */
export interface RowMemory {
  /** At least `bytes`, of which rows take the end. */
  take(bytes: number): Buffer;
}

/** For readers that keep what they get. */
export const ownedRows: RowMemory = { take: (bytes) => Buffer.allocUnsafeSlow(bytes) };

/** The same with as much room before the rows. */
export const ownedRowsWithRoom: RowMemory = { take: (bytes) => ownedRows.take(2 * bytes) };

/** What one read brings with a row that it completes; only a larger row takes more. */
const mostBytes = 192 * 1024;

/** The same in a ring of so many pieces, for readers that are done with one before it comes round. */
export function reusedRowsWithRoom(pieces: number): RowMemory {
  const ring: Buffer[] = [];
  let at = 0;
  return {
    take(bytes) {
      if (bytes > mostBytes) return ownedRowsWithRoom.take(bytes);
      at = (at + 1) % pieces;
      const memory = ring[at] ?? ownedRowsWithRoom.take(mostBytes);
      ring[at] = memory;
      return memory;
    },
  };
}
