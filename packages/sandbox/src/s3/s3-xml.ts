import { canonicalUserId } from '../access/canonical-user-id.ts';
import type { Reply } from '../http/reply.ts';
import { element, text, xmlDocument } from '../http/xml.ts';

export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A successful answer in XML. */
export function xmlReply(name: string, children: readonly string[]): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: xmlDocument(name, children, s3Namespace),
  };
}

export function ownerElement(accountId: string): string {
  return element('Owner', [text('ID', canonicalUserId(accountId))]);
}

/** The coding of keys that `encoding-type=url` asks for; without it, none. */
export function keyCoding(encodingType: string | null): (key: string) => string {
  return encodingType === 'url' ? encodeKey : (key) => key;
}

function encodeKey(key: string): string {
  if (/^[\w./*-]*$/.test(key)) return key;
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}
