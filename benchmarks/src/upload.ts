import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  createS3Store,
  createThreadedDigester,
  type Digester,
  uploadStream,
} from '@causeway/objectstore';
import { type CountingSink, startCountingSink } from './counting-sink.ts';
import { type Figure, median, round2 } from './figure.ts';

const mebibyte = 1024 ** 2;
const objectBytes = 1024 * mebibyte;
const partBytes = 16 * mebibyte;
const concurrency = 4;
const rounds = 5;
/** What a pipe of the engine gives at a time. */
const chunkBytes = 256 * 1024;

/**
 * One object of 1 GiB into a sink that only counts: through our writer (SHA-256,
 * CRC-32, retryable parts, signatures), and by bare parallel PUTs of Node's own
 * HTTP client with CRC-32. Medians of rounds in which they take turns.
 *
 * `unhashed` is the writer without the SHA-256 that a manifest needs: the rest of
 * the distance is that one thread, which costs as much as all of a bare PUT.
 */
export async function benchUpload(): Promise<Figure[]> {
  const sink = await startCountingSink();
  const digester = createThreadedDigester();
  const ways = [
    { speeds: [] as number[], send: () => throughWriter(sink, digester) },
    { speeds: [] as number[], send: () => throughBarePuts(sink) },
    { speeds: [] as number[], send: () => throughWriter(sink, noDigester) },
  ] as const;
  try {
    for (let round = 0; round <= rounds; round++) {
      // Each goes first in turn: what else runs on the machine falls on all of them.
      for (const offset of ways.keys()) {
        const way = ways[(round + offset) % ways.length];
        const speed = await measure(sink, () => way?.send() ?? Promise.resolve());
        // The first round warms up.
        if (round > 0) way?.speeds.push(speed);
      }
    }
  } finally {
    await digester.close();
    await sink.close();
  }
  const [writer, bare, unhashed] = ways;
  const against = (ours: readonly number[]) =>
    median(ours.map((speed, i) => speed / (bare.speeds[i] ?? Number.NaN)));
  return [
    { figure: 'upload.mb_per_second', value: round2(median(writer.speeds)), unit: 'MB/s' },
    { figure: 'upload.raw_put.mb_per_second', value: round2(median(bare.speeds)), unit: 'MB/s' },
    {
      figure: 'upload.vs_raw_put',
      value: round2(against(writer.speeds)),
      unit: 'x',
      target: '>= 0.8',
    },
    {
      figure: 'upload.unhashed.vs_raw_put',
      value: round2(against(unhashed.speeds)),
      unit: 'x',
    },
  ];
}

/** Leaves out the SHA-256, to see what it costs. */
const noDigester: Digester = {
  sharesMemory: false,
  start: () => ({
    update: async () => undefined,
    finish: async () => '',
    discard: () => undefined,
  }),
};

async function throughWriter(sink: CountingSink, digester: Digester): Promise<void> {
  const store = createS3Store({
    bucket: 'bench',
    region: 'us-east-1',
    endpoint: sink.url,
    expectedBucketOwner: '222222222222',
    credentials: { accessKeyId: 'AKIASINK', secretAccessKey: 'sink' },
  });
  const key = 'object';
  const token = 'bench';
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
