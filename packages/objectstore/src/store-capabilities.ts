/**
 * What a store does of itself of the things that the port promises. What it lacks,
 * the adapter does as well as can be; what then is weaker stands at each.
 */
export interface StoreCapabilities {
  /**
   * `If-None-Match: *` is decided together with CompleteMultipartUpload. Without it
   * the adapter looks first, so that of two writers of one key within that moment
   * the later one wins; and a caller that may not read cannot look.
   */
  readonly conditionalComplete: boolean;
  /**
   * Verifies and keeps `x-amz-checksum-crc32`. Without it the adapter verifies the
   * caller's CRC-32 before it sends, and signs the SHA-256 of each body.
   */
  readonly checksums: boolean;
  /**
   * Refuses requests whose `x-amz-expected-bucket-owner` is not the owner. Without it
   * nothing tells a bucket from one of the same name that somebody else made since.
   */
  readonly expectedBucketOwner: boolean;
  /**
   * Says `NoSuchUpload` when an upload to complete is gone. Without it that looks
   * like an outage: `store_unavailable`.
   */
  readonly namesGoneUploads: boolean;
}

/** S3 itself, as documented, and the sandbox. */
export const s3Capabilities: StoreCapabilities = {
  conditionalComplete: true,
  checksums: true,
  expectedBucketOwner: true,
  namesGoneUploads: true,
};

/** Nothing but the S3 of its first years: for a store of which nothing is known. */
export const leastCapabilities: StoreCapabilities = {
  conditionalComplete: false,
  checksums: false,
  expectedBucketOwner: false,
  namesGoneUploads: false,
};

/** Ceph RGW 16.2 (Pacific), each seen in a run of the conformance suite against it. */
export const cephPacificCapabilities: StoreCapabilities = {
  conditionalComplete: false,
  checksums: false,
  expectedBucketOwner: false,
  namesGoneUploads: false,
};
