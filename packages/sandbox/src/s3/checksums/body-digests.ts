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
  type RunningChecksum,
  startChecksum,
} from './checksum.ts';

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
  readonly #md5: RunningChecksum | null;
  readonly #checksum: RunningChecksum | null;

  /**
   * @param wanted computed even when the sender gave none: MD5 for an ETag, or an upload's algorithm.
   * @throws AwsError when what the sender announces makes no sense.
   */
  constructor(
    { headers }: Incoming,
    wanted: { readonly md5: boolean; readonly algorithm?: ChecksumAlgorithm | null },
  ) {
    this.#headers = headers;
    const given = givenAlgorithm(headers);
    checkMd5Header(headers.get('content-md5'));
    this.#algorithm = given.algorithm ?? wanted.algorithm ?? null;
    this.#inTrailer = given.inTrailer;
    this.#md5 = wanted.md5 || headers.has('content-md5') ? startChecksum('MD5') : null;
    this.#checksum = this.#algorithm && startChecksum(this.#algorithm);
  }

  /** The algorithm of the sender, or else the wanted one. */
  get algorithm(): ChecksumAlgorithm | null {
    return this.#algorithm;
  }

  update(bytes: Uint8Array): void {
    this.#md5?.update(bytes);
    this.#checksum?.update(bytes);
  }

  /** @throws AwsError `BadDigest` when the bytes are not those that the sender meant. */
  verify(trailers: ReadonlyMap<string, string>): VerifiedDigests {
    const md5 = this.#md5?.digest() ?? null;
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
    const checksum = this.#algorithm && this.#verifyChecksum(this.#algorithm, trailers);
    return { md5: md5?.toString('hex') ?? null, checksum };
  }

  #verifyChecksum(
    algorithm: ChecksumAlgorithm,
    trailers: ReadonlyMap<string, string>,
  ): StoredChecksum {
    const value = this.#checksum?.digest().toString('base64') ?? '';
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
