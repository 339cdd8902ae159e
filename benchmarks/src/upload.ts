import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { createS3Store, createThreadedDigester, uploadStream } from '@causeway/objectstore';
import { type CountingSink, startCountingSink } from './counting-sink.ts';

const mebibyte = 1024 ** 2;
const objectBytes = 1024 * mebibyte;
const partBytes = 16 * mebibyte;
const concurrency = 4;
const rounds = 5;
/** What a pipe of the engine gives at a time. */
const chunkBytes = 256 * 1024;

export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
}

/**
 * One object of 1 GiB into a sink that only counts: through our writer (SHA-256,
 * CRC-32, retryable parts, signatures), and by bare parallel PUTs of Node's own
 * HTTP client with CRC-32. Medians of rounds that alternate.
 */
export async function benchUpload(): Promise<Figure[]> {
  const sink = await startCountingSink();
  const ours: number[] = [];
  const raw: number[] = [];
  const ratios: number[] = [];
  const digester = createThreadedDigester();
  try {
    const writer = (round: number) => measure(sink, () => throughWriter(sink, digester, round));
    const puts = () => measure(sink, () => throughBarePuts(sink));
    await writer(0);
    await puts();
    for (let round = 1; round <= rounds; round++) {
      // Taking turns at going first: what else runs on the machine falls on both.
      const first = round % 2 === 0 ? await writer(round) : await puts();
      const second = round % 2 === 0 ? await puts() : await writer(round);
      const [mine, bare] = round % 2 === 0 ? [first, second] : [second, first];
      ours.push(mine);
      raw.push(bare);
      ratios.push(mine / bare);
    }
  } finally {
    await digester.close();
    await sink.close();
  }
  return [
    { figure: 'upload.mb_per_second', value: round2(median(ours)), unit: 'MB/s' },
    { figure: 'upload.raw_put.mb_per_second', value: round2(median(raw)), unit: 'MB/s' },
    { figure: 'upload.vs_raw_put', value: round2(median(ratios)), unit: 'x', target: '>= 0.8' },
  ];
}

async function throughWriter(
  sink: CountingSink,
  digester: ReturnType<typeof createThreadedDigester>,
  round: number,
): Promise<void> {
  const store = createS3Store({
    bucket: 'bench',
    region: 'us-east-1',
    endpoint: sink.url,
    expectedBucketOwner: '222222222222',
    credentials: { accessKeyId: 'AKIASINK', secretAccessKey: 'sink' },
  });
  const key = `object-${round}`;
  const token = `round-${round}`;
  try {
    const upload = await uploadStream(store, {
      key,
      stream: source(),
      contentType: 'application/octet-stream',
      token,
      partSizeBytes: partBytes,
      concurrency,
      digester,
      onOpen: async () => undefined,
      onPart: async () => undefined,
    });
    if (!upload) throw new Error('Cannot measure: nothing was uploaded');
    await store.completeMultipartUpload({ key, token, ...upload });
  } finally {
    store.close();
  }
}

/** Chunks that are made beforehand: making them is not what is measured. */
function source(): Readable {
  const chunk = randomBytes(chunkBytes);
  let left = objectBytes;
  return new Readable({
    highWaterMark: mebibyte,
    read() {
      left -= chunkBytes;
      this.push(left >= 0 ? chunk : null);
    },
  });
}

async function throughBarePuts(sink: CountingSink): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(sink.url);
  const bodies = Array.from({ length: concurrency }, () => randomBytes(partBytes));
  let next = 0;
  const put = async (body: Buffer) => {
    while (next * partBytes < objectBytes) {
      const path = `/bench/raw-${next++}`;
      await new Promise<void>((resolve, reject) => {
        const headers = {
          'content-length': body.byteLength,
          'x-amz-checksum-crc32': crc32(body).toString(16),
        };
        const sent = request({ hostname, port, method: 'PUT', path, agent, headers }, (answer) => {
          answer.resume().on('end', resolve);
        });
        sent.on('error', reject).end(body);
      });
    }
  };
  await Promise.all(bodies.map(put));
  agent.destroy();
}

/** Megabytes a second, and proof that all of them arrived. */
async function measure(sink: CountingSink, send: () => Promise<void>): Promise<number> {
  const before = await sink.bytes();
  const start = performance.now();
  await send();
  const seconds = (performance.now() - start) / 1000;
  const arrived = (await sink.bytes()) - before;
  if (arrived !== objectBytes) throw new Error(`Cannot measure: ${arrived} bytes arrived`);
  return objectBytes / 1e6 / seconds;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
