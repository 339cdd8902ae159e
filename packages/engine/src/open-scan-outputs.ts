import { dirname } from 'node:path';
import type { Compression } from '@causeway/contract';
import { textCodec } from './encode/codecs.ts';
import { planCompression } from './encode/compressed-body.ts';
import type { Compressor } from './encode/compressor.ts';
import { rowScannerMaker } from './encode/row-scanner.ts';
import type { TextFilesOptions } from './encode/text-files.ts';
import { type OutputPipe, openOutputPipe } from './output-pipe.ts';
import { isRotated, outputName, outputsOf, rotatedName, rotationFolder } from './protocol.ts';
import type { ConsumeFile, Scan } from './scan.ts';
import {
  type FeedReader,
  type PipeSeries,
  rotatedOutput,
  type ScanOutput,
  textOutput,
  wholeOutput,
} from './scan-output.ts';
import type { Workplace } from './workplace.ts';

export interface ScanOutputs {
  readonly outputs: readonly ScanOutput[];
  /** Those that DuckDB writes to. They hold FIFOs and nothing else. */
  readonly folders: readonly string[];
}

/** Makes the FIFOs that a scan's query writes to, and opens them for reading. */
export async function openScanOutputs(workplace: Workplace, input: Scan): Promise<ScanOutputs> {
  const { scan } = input;
  if (isRotated(scan)) {
    const series = fifoSeries(workplace, input);
    // DuckDB would make a file of its own where it finds none.
    await series.prepare(1);
    const output = rotatedOutput(series, feedOf(input.consume, 0));
    return { outputs: [output], folders: [rotationFolder] };
  }
  const count = outputsOf(scan.split);
  const names = Array.from({ length: count }, (_, index) =>
    outputName(index, scan.format, scan.split),
  );
  await workplace.folder.makeFifos(names);
  const pipes = openPipes(workplace, names, input);
  const toOutput = outputMaker(input, count);
  return {
    outputs: pipes.map((pipe, index) => toOutput(pipe, feedOf(input.consume, index))),
    folders: [...new Set(names.map(dirname))],
  };
}

/** How the text files of a scan are made of their rows. */
export function planText(
  scan: {
    readonly outputs: number;
    readonly compression: Compression;
    readonly ownedChunks: boolean;
    readonly targetFileBytes: number | null;
  },
  compressor: Compressor,
): Omit<TextFilesOptions, 'form' | 'consume'> {
  const codec = textCodec(scan.compression);
  const compression = codec && planCompression(codec, compressor, scan);
  const { targetFileBytes } = scan;
  return { compression, targetFileBytes, makeScanner: rowScannerMaker() };
}

type OutputMaker = (pipe: OutputPipe, feed: FeedReader) => ScanOutput;

function outputMaker(input: Scan, outputs: number): OutputMaker {
  const { scan, reuseChunks, targetFileBytes } = input;
  if (scan.format === 'parquet') return wholeOutput;
  const { compression } = scan;
  const plan = { outputs, compression, ownedChunks: !reuseChunks, targetFileBytes };
  const options = { scan, ...planText(plan, input.compressor) };
  return (pipe, feed) => textOutput(pipe, feed, options);
}

function openPipes(workplace: Workplace, names: readonly string[], input: Scan): OutputPipe[] {
  const pipes: OutputPipe[] = [];
  try {
    for (const name of names) pipes.push(openPipe(workplace, name, input, names.length));
    return pipes;
  } catch (error) {
    for (const pipe of pipes) pipe.fail(error as Error);
    throw error;
  }
}

/** All streams of a scan together may hold this much that their readers have not taken. */
const bufferBytesPerScan = 16 * 1024 * 1024;

function openPipe(
  workplace: Workplace,
  name: string,
  { reuseChunks }: Scan,
  count: number,
  onFirstBytes?: () => void,
): OutputPipe {
  const share = Math.floor(bufferBytesPerScan / count);
  const bufferBytes = Math.max(64 * 1024, Math.min(1024 * 1024, share));
  return openOutputPipe(workplace.pathOf(name), {
    bufferBytes,
    reuseChunks,
    ...(onFirstBytes && { onFirstBytes }),
  });
}

/** FIFOs are made by the dozen: each time a process is started for it. */
const fifosAtOnce = 12;

function fifoSeries(workplace: Workplace, input: Scan): PipeSeries {
  let made = 0;
  return {
    open: (index, onFirstBytes) =>
      openPipe(workplace, rotatedName(index), input, fifosAtOnce, onFirstBytes),
    async prepare(index) {
      while (made <= index) {
        const first = made;
        const names = Array.from({ length: fifosAtOnce }, (_, i) => rotatedName(first + i));
        await workplace.folder.makeFifos(names);
        made += fifosAtOnce;
      }
    },
  };
}

/** Never rejects, as documented at `Engine.unload`. */
export function feedOf(consume: ConsumeFile, index: number): FeedReader {
  return async (file, stream, rowName) => {
    try {
      await consume(index, stream, file, rowName);
    } catch {
      // What a consumer meets is its own business, and must not hold up the others.
    } finally {
      stream.destroy();
    }
  };
}
