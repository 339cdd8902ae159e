import { AwsError } from '../../http/aws-error.ts';
import type { Incoming } from '../../http/incoming.ts';
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  type StoredChecksum,
} from '../../state/records.ts';
import {
  checksumAlgorithm,
  checksumBytes,
  checksumHeader,
  type DigestName,
  type RunningChecksum,
  startChecksum,
} from './checksum.ts';
import type { DigestThreads, ThreadedDigests } from './digest-threads.ts';

/** Below this a body is hashed sooner than another thread is asked. */
const threadedFromBytes = 4 * 1024 * 1024;

/** What the bytes of a body have proved to be. */
export interface VerifiedDigests {
  /** Hex; null when nobody asked. */
  readonly md5: string | null;
  readonly checksum: StoredChecksum | null;
}

/** Computes the digests of a body while it passes, and holds it to those its sender gave. */
export class BodyDigests {
  readonly #headers: ReadonlyMap<string, string>;
  readonly #algorithm: ChecksumAlgorithm | null;
  readonly #inTrailer: boolean;
  readonly #names: readonly DigestName[];
  readonly #running: readonly RunningChecksum[];
  readonly #threaded: ThreadedDigests | null;

  /**
   * @param wanted computed even when the sender gave none: MD5 for an ETag, or an upload's algorithm.
   * @param threads compute the digests when the body is large.
   * @throws AwsError when what the sender announces makes no sense.
   */
  constructor(
    { headers }: Incoming,
    wanted: { readonly md5: boolean; readonly algorithm?: ChecksumAlgorithm | null },
    threads: DigestThreads | null = null,
  ) {
    this.#headers = headers;
    const given = givenAlgorithm(headers);
    checkMd5Header(headers.get('content-md5'));
    this.#algorithm = given.algorithm ?? wanted.algorithm ?? null;
    this.#inTrailer = given.inTrailer;
    this.#names = [
      ...(wanted.md5 || headers.has('content-md5') ? (['MD5'] as const) : []),
      ...(this.#algorithm ? [this.#algorithm] : []),
    ];
    const isLarge = Number(headers.get('content-length') ?? 0) >= threadedFromBytes;
    this.#threaded = (isLarge && threads?.start(this.#names)) || null;
    this.#running = this.#threaded ? [] : this.#names.map(startChecksum);
  }

  /** Whether another thread computes them: {@link updateThreaded} is for those, {@link update} for the others. */
  get isThreaded(): boolean {
    return this.#threaded !== null;
  }

  /** The algorithm of the sender, or else the wanted one. */
  get algorithm(): ChecksumAlgorithm | null {
    return this.#algorithm;
  }

  update(bytes: Uint8Array): void {
    for (const running of this.#running) running.update(bytes);
  }

  /** @param bytes in shared memory, not to be changed before this returns. */
  async updateThreaded(bytes: Uint8Array): Promise<void> {
    await this.#threaded?.update(bytes);
  }

  /** Gives up; for a body that does not come to its end. */
  discard(): void {
    this.#threaded?.discard();
  }

  /** @throws AwsError `BadDigest` when the bytes are not those that the sender meant. */
  async verify(trailers: ReadonlyMap<string, string>): Promise<VerifiedDigests> {
    const digests = this.#threaded
      ? await this.#threaded.finish()
      : this.#running.map((running) => running.digest());
    const found = new Map(this.#names.map((name, i) => [name, Buffer.from(digests[i] ?? [])]));
    const md5 = found.get('MD5');
    const sentMd5 = this.#headers.get('content-md5');
    if (sentMd5 !== undefined && md5?.toString('base64') !== sentMd5) {
      throw new AwsError(
        400,
        'BadDigest',
        'The Content-MD5 you specified did not match what we received.',
        {
          fields: { ExpectedDigest: sentMd5, CalculatedDigest: md5?.toString('base64') ?? '' },
        },
      );
    }
    const algorithm = this.#algorithm;
    const checksum = algorithm && this.#verifyChecksum(algorithm, found.get(algorithm), trailers);
    return { md5: md5?.toString('hex') ?? null, checksum };
  }

  #verifyChecksum(
    algorithm: ChecksumAlgorithm,
    digest: Buffer | undefined,
    trailers: ReadonlyMap<string, string>,
  ): StoredChecksum {
    const value = digest?.toString('base64') ?? '';
    const header = checksumHeader(algorithm);
    const sent = this.#inTrailer ? trailers.get(header) : this.#headers.get(header);
    if (this.#inTrailer && sent === undefined) {
      throw new AwsError(
        400,
        'MalformedTrailerError',
        'The request contained trailing data that was not well-formed or did not conform to our published schema.',
      );
    }
    if (sent !== undefined && sent !== value) {
      throw new AwsError(
        400,
        'BadDigest',
        `The ${algorithm} you specified did not match the calculated checksum.`,
      );
    }
    return { algorithm, value };
  }
}

function givenAlgorithm(headers: ReadonlyMap<string, string>): {
  readonly algorithm: ChecksumAlgorithm | null;
  readonly inTrailer: boolean;
} {
  const named = checksumAlgorithms.filter((name) => headers.has(checksumHeader(name)));
  const trailer = (headers.get('x-amz-trailer') ?? '').trim().toLowerCase();
  const trailing = checksumAlgorithms.filter((name) => trailer === checksumHeader(name));
  if (trailer !== '' && trailing.length === 0) {
    throw invalid('The value specified in the x-amz-trailer header is not supported');
  }
  const all = [...named, ...trailing];
  if (all.length > 1) {
    throw invalid(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [algorithm = null] = all;
  checkSentValue(algorithm, headers);
  const announced = headers.get('x-amz-sdk-checksum-algorithm');
  if (announced !== undefined && checksumAlgorithm(announced) === null) {
    throw invalid(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  }
  return { algorithm, inTrailer: trailing.length > 0 };
}

function checkSentValue(
  algorithm: ChecksumAlgorithm | null,
  headers: ReadonlyMap<string, string>,
): void {
  const sent = algorithm && headers.get(checksumHeader(algorithm));
  if (!algorithm || !sent) return;
  if (Buffer.from(sent, 'base64').length !== checksumBytes(algorithm)) {
    throw invalid(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
}

function checkMd5Header(value: string | undefined): void {
  if (value === undefined || Buffer.from(value, 'base64').length === 16) return;
  throw new AwsError(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.', {
    fields: { 'Content-MD5': value },
  });
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidRequest', message);
}
