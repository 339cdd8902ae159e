import type { Incoming } from '../../http/incoming.ts';
import { readXml, textOf, treesOf } from '../../http/read-xml.ts';
import { malformedXml } from '../s3-error.ts';

/** Fields that are headers of an upload under the same name; others say who signed, or nothing. */
const headerFields =
  /^(cache-control|content-(type|disposition|encoding|language|md5)|expires|x-amz-(acl|checksum-.+|grant-.+|meta-.+|object-lock-.+|server-side-encryption.*|storage-class|website-redirect-location))$/;
/** Of the request itself, only what is about the connection and the page stays. */
const requestHeaders = ['host', 'origin', 'referer', 'user-agent'];

/**
 * The headers that a PutObject would have had in place of the form.
 *
 * @throws AwsError `MalformedXML` when its tags are not written as S3 wants them in forms.
 */
export function formHeaders(
  { headers }: Incoming,
  fields: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  for (const name of requestHeaders) {
    const value = headers.get(name);
    if (value !== undefined) made.set(name, value);
  }
  for (const [name, value] of fields) {
    if (headerFields.test(name)) made.set(name, value);
  }
  const acl = fields.get('acl');
  if (acl !== undefined) made.set('x-amz-acl', acl);
  const tagging = fields.get('tagging');
  if (tagging !== undefined) made.set('x-amz-tagging', taggingHeader(tagging));
  return made;
}

/** A form has its tags in XML, an upload's header as a query. */
function taggingHeader(document: string): string {
  const tree = readXml(document, 'Tagging');
  const [set] = tree ? treesOf(tree, 'TagSet') : [];
  if (!tree) throw malformedXml();
  const query = new URLSearchParams();
  for (const tag of set ? treesOf(set, 'Tag') : []) {
    query.append(textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? '');
  }
  return query.toString();
}
