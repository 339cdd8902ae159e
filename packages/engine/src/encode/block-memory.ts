import { compressedBound } from './codecs.ts';

/** Shared memory for one block: its plain bytes, and room for what they become. */
export interface Block {
  readonly plain: Uint8Array;
  readonly target: Uint8Array;
}

export interface BlockMemory {
  readonly blockBytes: number;
  take(): Block;
  giveBack(block: Block): void;
}

/** Used again and again; it never grows beyond what is taken at once. */
export function blockMemory(blockBytes: number): BlockMemory {
  const free: Block[] = [];
  const allocate = (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes));
  return {
    blockBytes,
    take: () =>
      free.pop() ?? {
        plain: allocate(blockBytes),
        target: allocate(compressedBound(blockBytes)),
      },
    giveBack: (block) => void free.push(block),
  };
}
