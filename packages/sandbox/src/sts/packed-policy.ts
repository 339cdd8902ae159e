import { deflateRawSync } from 'node:zlib';
import { AwsError } from '../http/aws-error.ts';
import type { Tags } from '../state/records.ts';

/**
 * AWS packs the policies and tags of a session into a format of its own and does not
 * say how, nor how much room there is. Compressing them comes close enough for what
 * is much too large; the percentage is an estimate.
 */
const packedLimitBytes = 2048;

/**
 * How much of the room for policies and tags a session takes, in percent; null when it has neither.
 *
 * @throws AwsError `PackedPolicyTooLarge`.
 */
export function packedPolicySize(policies: readonly string[], tags: Tags): number | null {
  const pairs = Object.entries(tags).flat();
  if (policies.length === 0 && pairs.length === 0) return null;
  const packed = deflateRawSync([...policies, ...pairs].join('\n'));
  const percent = Math.ceil((100 * packed.length) / packedLimitBytes);
  if (percent <= 100) return percent;
  throw new AwsError(
    400,
    'PackedPolicyTooLarge',
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}
