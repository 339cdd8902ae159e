import { type Block, type BlockMemory, blockMemory } from './block-memory.ts';
import type { TextCodec } from './codecs.ts';
import type { CompressedBlock, Compressor } from './compressor.ts';
import type { FileBody } from './file-body.ts';
import { openFileChannel } from './file-channel.ts';
import { gzipFrame } from './gzip-frame.ts';

/** How the files of one scan are compressed. */
export interface CompressionPlan {
  readonly codec: TextCodec;
  readonly compressor: Compressor;
  /** Shared by all outputs. */
  readonly memory: BlockMemory;
  /** Blocks of one file that may be under way at once; one more is being filled. */
  readonly blocksAhead: number;
  /** Whether a reader may keep what it is handed. */
  readonly ownedChunks: boolean;
}

const mebibyte = 1024 * 1024;
/** For the plain bytes of all outputs; what they become takes no more. */
const memoryPerScan = 64 * mebibyte;

/** The more outputs, the smaller the blocks and the fewer at once. */
export function planCompression(
  codec: TextCodec,
  compressor: Compressor,
  scan: {
    readonly outputs: number;
    readonly ownedChunks: boolean;
    readonly targetFileBytes: number | null;
  },
): CompressionPlan {
  const blocksAhead = scan.outputs > 8 ? 1 : compressor.threads + 1;
  const share = Math.floor(memoryPerScan / scan.outputs / (blocksAhead + 2));
  // What is under way when a file is full still belongs to it.
  const ofFile = Math.floor((scan.targetFileBytes ?? Number.POSITIVE_INFINITY) / 8);
  const blockBytes = Math.max(64 * 1024, Math.min(mebibyte, share, ofFile));
  const memory = blockMemory(blockBytes);
  return { codec, compressor, memory, blocksAhead, ownedChunks: scan.ownedChunks };
}

/**
 * A file compressed in blocks, side by side, that come out in their order: gzip as
 * one member, zstd as a frame for each block.
 */
export function compressedBody(plan: CompressionPlan): FileBody {
  const { memory } = plan;
  const blocks = blockWriter(plan);
  let block: Block | undefined;
  let filled = 0;
  const send = async () => {
    if (!block || filled === 0) return;
    const full = block;
    block = undefined;
    await blocks.send(full, filled);
    filled = 0;
  };
  return {
    channel: blocks.channel,
    async write(plain) {
      for (let rest = plain; rest.length > 0 && !blocks.channel.stream.destroyed; ) {
        block ??= memory.take();
        const piece = rest.subarray(0, memory.blockBytes - filled);
        block.plain.set(piece, filled);
        filled += piece.length;
        rest = rest.subarray(piece.length);
        if (filled === memory.blockBytes) await send();
      }
    },
    bytes: blocks.bytes,
    async end() {
      await send();
      await blocks.end();
    },
  };
}

function blockWriter(plan: CompressionPlan) {
  const { codec, compressor, memory, blocksAhead } = plan;
  const channel = openFileChannel();
  const frame = codec === 'gzip' ? gzipFrame() : null;
  const underWay: Promise<void>[] = [];
  /** What the reader may still have in hand. */
  let lent: Block | undefined;
  let plainBytes = 0;
  let plainDone = 0;
  let bytes = 0;
  const put = async (data: Uint8Array, block?: Block) => {
    bytes += data.length;
    await channel.write(plan.ownedChunks ? Buffer.from(data) : data);
    if (lent) memory.giveBack(lent);
    lent = block;
  };
  const putBlock = async (
    block: Block,
    length: number,
    compressed: Promise<CompressedBlock>,
    before: Promise<void> | undefined,
  ) => {
    const [{ bytes: size, crc32 }] = await Promise.all([compressed, before]);
    if (plainDone === 0 && frame) await put(frame.head);
    frame?.add(crc32, length);
    await put(block.target.subarray(0, size), block);
    plainDone += length;
  };
  return {
    channel,
    /** So far, and what is under way at the rate of what is done. */
    bytes: () => (plainDone === 0 ? bytes : Math.round((bytes / plainDone) * plainBytes)),
    /** Resolves when there is room for another block. */
    async send(block: Block, length: number): Promise<void> {
      plainBytes += length;
      const compressed = compressor.compress(codec, block.plain.subarray(0, length), block.target);
      const sent = putBlock(block, length, compressed, underWay.at(-1));
      // Reported by `send` or `end`, whichever comes to it.
      sent.catch(() => {});
      underWay.push(sent);
      if (underWay.length > blocksAhead) await underWay.shift();
    },
    async end(): Promise<void> {
      await Promise.all(underWay);
      if (frame && plainDone > 0) await put(frame.tail());
      // The memory of its last block is not used again.
      void channel.end();
    },
  };
}
