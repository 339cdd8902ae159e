import { AwsError } from '../../http/aws-error.ts';
import type { ChecksumAlgorithm } from '../../state/records.ts';
import { checksumAlgorithm } from './checksum.ts';

/** @throws AwsError `InvalidRequest` when S3 has no algorithm of this name. */
export function readChecksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithm(name);
  if (algorithm !== null) return algorithm;
  throw new AwsError(
    400,
    'InvalidRequest',
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  );
}
