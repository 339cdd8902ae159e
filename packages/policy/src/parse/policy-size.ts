import type { PolicyKind } from '../model.ts';
import { type AttachedAs, type PolicySource, refuse } from './policy-source.ts';
import type { JsonPlace } from './read-json.ts';

/** No text longer than this is read at all, spaces included. */
export const longestText = 262_144;

/**
 * AWS's quotas in characters, as an account has them that never asked for more. An identity
 * policy of which it is not said how it is attached may be as long as the longest.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
 */
const limits = {
  identity: 10_240,
  boundary: 6_144,
  trust: 2_048,
  session: 2_048,
  'service-control': 5_120,
  'resource-control': 5_120,
  endpoint: 20_480,
  key: 32_768,
} as const;

const attachedLimits: Readonly<Record<AttachedAs, number>> = {
  managed: 6_144,
  role: 10_240,
  group: 5_120,
  user: 2_048,
};

/** IAM itself does not count spaces. */
const withoutSpaces: readonly PolicyKind[] = ['identity', 'boundary', 'trust'];

const bucketPolicyBytes = 20_480;

/** @throws PolicySyntaxError if the document is longer than AWS accepts for its kind. */
export function checkPolicySize(source: PolicySource, root: JsonPlace): void {
  if (source.type === 'resource') {
    const bytes = utf8Length(source.text);
    if (bytes <= bucketPolicyBytes) return;
    throw tooLong(source, root, `${bytes} bytes`, `${bucketPolicyBytes} bytes`);
  }
  const counted = withoutSpaces.includes(source.type)
    ? source.text.replace(/\s/g, '')
    : source.text;
  const attached = source.type === 'identity' ? source.attachedAs : undefined;
  const limit = attached ? attachedLimits[attached] : limits[source.type];
  if (counted.length <= limit) return;
  throw tooLong(source, root, `${counted.length} characters`, `${limit} characters`);
}

function tooLong(source: PolicySource, root: JsonPlace, found: string, limit: string) {
  return refuse(
    source,
    root,
    `found ${found}, more than the ${limit} that AWS accepts for this kind of policy`,
    'Shorten it, for example by merging statements that differ only in the action or resource',
    source.type === 'resource'
      ? `Policies must be at most ${bucketPolicyBytes} bytes long`
      : undefined,
  );
}

export function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
