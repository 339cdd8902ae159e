import { type PolicySource, refuse } from './policy-source.ts';
import type { JsonPlace } from './read-json.ts';

/** No text longer than this is read at all, spaces included. */
export const longestText = 262_144;

/**
 * AWS's quotas: the highest that an account can have, in characters. A role's trust
 * policy may have 2,048 by default and 4,096 on request; all inline policies of a
 * role together 10,240, where a managed policy has 6,144.
 */
const limits = {
  identity: 10_240,
  boundary: 6_144,
  trust: 4_096,
  session: 2_048,
  'service-control': 10_240,
  'resource-control': 10_240,
  endpoint: 20_480,
  key: 32_768,
} as const;

const bucketPolicyBytes = 20_480;

/** @throws PolicySyntaxError if the document is longer than AWS accepts for its kind. */
export function checkPolicySize(source: PolicySource, root: JsonPlace): void {
  if (source.type === 'resource') {
    const bytes = utf8Length(source.text);
    if (bytes <= bucketPolicyBytes) return;
    throw tooLong(source, root, `${bytes} bytes`, `${bucketPolicyBytes} bytes`);
  }
  // Session policies travel in the request and count as they are; IAM does not count spaces.
  const counted = source.type === 'session' ? source.text : source.text.replace(/\s/g, '');
  const limit = limits[source.type];
  if (counted.length <= limit) return;
  throw tooLong(source, root, `${counted.length} characters`, `${limit} characters`);
}

function tooLong(source: PolicySource, root: JsonPlace, found: string, limit: string) {
  return refuse(
    source,
    root,
    `found ${found}, more than the ${limit} that AWS accepts for this kind of policy`,
    'Shorten it, for example by merging statements that differ only in the action or resource',
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
