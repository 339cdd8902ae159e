const mebibyte = 1024 ** 2;
/** S3's limits: 10,000 parts of 5 MiB (but the last) to 5 GiB, and 5 TiB in all. */
const mostParts = 10_000;
const largestObject = 5 * 1024 ** 4;

/** Large enough that the cost of a request is small, small enough to hold five in memory. */
export const defaultPartSizeBytes = 16 * mebibyte;

/**
 * The part size in bytes for an object of about `expectedBytes`: the default, or
 * as many whole MiB as S3's limit of 10,000 parts makes necessary.
 *
 * @throws RangeError beyond 5 TiB, the largest object of S3.
 */
export function planPartSize(expectedBytes: number): number {
  if (!(expectedBytes >= 0 && expectedBytes <= largestObject)) {
    throw new RangeError(`Cannot plan parts for ${expectedBytes} bytes: S3 stores up to 5 TiB`);
  }
  const needed = Math.ceil(expectedBytes / mostParts / mebibyte) * mebibyte;
  return Math.max(defaultPartSizeBytes, needed);
}

/** The smallest that S3 takes for any part but the last. */
export const smallestPartSizeBytes = 5 * mebibyte;

/** Parts of one size: some stores that speak like S3 want them so, and few objects are larger. */
const partsOfOneSize = 1000;
const growthBytes = 0.14 * mebibyte;

/**
 * The size of part number `partNumber`, from 1, of an object whose size nobody knows: parts
 * grow after the first thousand, so that 10,000 of them reach beyond 5 TiB.
 */
export function partSizeAt(partNumber: number, firstSizeBytes: number): number {
  const grown = Math.max(0, partNumber - partsOfOneSize) * growthBytes;
  return firstSizeBytes + Math.floor(grown / mebibyte) * mebibyte;
}
