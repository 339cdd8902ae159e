import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf, treesOf } from '../../http/read-xml.ts';
import type { Reply } from '../../http/reply.ts';
import { element, text } from '../../http/xml.ts';
import type { Tags } from '../../state/records.ts';
import { invalidArgument, malformedXml } from '../s3-error.ts';
import { xmlReply } from '../s3-xml.ts';

const maxKeyLength = 128;
const maxValueLength = 256;

/** How many tags one thing may have, and how S3 says that they are too many. */
const limits = {
  object: { count: 10, message: 'Object tags cannot be greater than 10' },
  bucket: { count: 50, message: 'Bucket tag count cannot be greater than 50' },
} as const;

export type Tagged = keyof typeof limits;

/**
 * Reads the document that sets tags.
 *
 * @throws AwsError `MalformedXML`, `InvalidTag`, or `BadRequest` for too many.
 */
export function readTagDocument(document: string, tagged: Tagged): Tags {
  const set = readXml(document, 'Tagging')?.['TagSet']?.[0];
  if (set === undefined) throw malformedXml();
  const named = typeof set === 'string' ? [] : treesOf(set, 'Tag');
  const pairs = named.map((tag): readonly [string, string] => {
    const key = textOf(tag, 'Key');
    const value = textOf(tag, 'Value');
    if (key === undefined || value === undefined) throw malformedXml();
    return [key, value];
  });
  return checkTags(pairs, tagged);
}

/**
 * Reads `x-amz-tagging`, which is written like a query: `a=1&b=2`.
 *
 * @throws AwsError `InvalidArgument`, `InvalidTag`, or `BadRequest` for too many.
 */
export function readTagHeader(header: string): Tags {
  const pairs = header
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): readonly [string, string] => {
      const [key = '', ...value] = pair.split('=').map((word) => decodeWord(header, word));
      return [key, value.join('=')];
    });
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw malformedHeader(header);
  return checkTags(pairs, 'object');
}

export function taggingReply(tags: Tags | undefined): Reply {
  const set = Object.entries(tags ?? {}).map(([key, value]) =>
    element('Tag', [text('Key', key), text('Value', value)]),
  );
  return xmlReply('Tagging', [element('TagSet', set)]);
}

function checkTags(pairs: readonly (readonly [string, string])[], tagged: Tagged): Tags {
  const { count, message } = limits[tagged];
  if (pairs.length > count) throw new AwsError(400, 'BadRequest', message);
  const tags = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (key.length === 0 || key.length > maxKeyLength || !isTagText(key)) {
      throw invalidTag('The TagKey you have provided is invalid', { TagKey: key });
    }
    if (value.length > maxValueLength || !isTagText(value)) {
      throw invalidTag('The TagValue you have provided is invalid', {
        TagKey: key,
        TagValue: value,
      });
    }
    if (key.startsWith('aws:')) {
      throw invalidTag(
        tagged === 'object'
          ? 'Your TagKey cannot be prefixed with aws:'
          : 'System tags cannot be added/updated by requester',
        { TagKey: key },
      );
    }
    if (tags.has(key)) {
      throw invalidTag('Cannot provide multiple Tags with the same key', { TagKey: key });
    }
    tags.set(key, value);
  }
  return Object.fromEntries(tags);
}

/** Letters and numbers of any script, spaces, and a few signs. */
function isTagText(word: string): boolean {
  return /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u.test(word);
}

function decodeWord(header: string, word: string): string {
  try {
    return decodeURIComponent(word.replaceAll('+', ' '));
  } catch {
    throw malformedHeader(header);
  }
}

function malformedHeader(header: string): AwsError {
  return invalidArgument(
    'x-amz-tagging',
    header,
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
  );
}

function invalidTag(message: string, fields: Readonly<Record<string, string>>): AwsError {
  return new AwsError(400, 'InvalidTag', message, { fields });
}
