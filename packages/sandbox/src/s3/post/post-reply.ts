import type { Reply } from '../../http/reply.ts';
import { text, xmlDocument } from '../../http/xml.ts';
import type { S3Request } from '../s3-operation.ts';

/**
 * Answers a form the way it asks to be answered: by sending the visitor on, with a
 * document, or with nothing.
 */
export function postReply(
  { call, target }: S3Request,
  fields: ReadonlyMap<string, string>,
  stored: Reply,
): Reply {
  const etag = stored.headers?.['etag'] ?? '';
  const { bucket, key } = target;
  const host = call.incoming.headers.get('host') ?? 's3.localhost';
  const path = target.virtualHost ? '' : `/${bucket}`;
  const location = `${call.incoming.scheme}://${host}${path}/${encodeURIComponent(key ?? '')}`;
  const redirect = redirection(fields);
  if (redirect !== null) {
    const added = new URLSearchParams({ bucket: bucket ?? '', key: key ?? '', etag });
    const separator = redirect.includes('?') ? '&' : '?';
    const headers = { ...stored.headers, location: `${redirect}${separator}${added}` };
    return { status: 303, headers };
  }
  const headers = { ...stored.headers, location };
  const status = fields.get('success_action_status');
  if (status !== '201') return { status: status === '200' ? 200 : 204, headers };
  return {
    status: 201,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: xmlDocument('PostResponse', [
      text('Location', location),
      text('Bucket', bucket),
      text('Key', key),
      text('ETag', etag),
    ]),
  };
}

/** An address that is none, or not a whole one, counts as not given. */
function redirection(fields: ReadonlyMap<string, string>): string | null {
  const asked = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (asked === undefined || !/^https?:\/\//i.test(asked) || !URL.canParse(asked)) return null;
  // Kept as it was sent, but for what no header can hold.
  return asked.replace(/[^\x20-\x7e]+/g, encodeURIComponent);
}
