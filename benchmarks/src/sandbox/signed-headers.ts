import { createHash, createHmac } from 'node:crypto';

const credentials = {
  accessKeyId: 'AKIASANDBOX222222222',
  secretAccessKey: 'sandbox-secret-222222222222',
};

/**
 * The headers of a request to S3 whose body is unsigned, as the SDK sends it over
 * TLS: a client that costs little, so that what is measured is the server.
 *
 * @param target path and query, the query sorted and encoded.
 */
export function signedHeaders(
  method: string,
  url: string,
  target: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${timestamp.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const headers: Record<string, string> = {
    host: new URL(url).host,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': timestamp,
    ...more,
  };
  const names = Object.keys(headers).sort();
  const [path, query = ''] = target.split('?');
  const canonical = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (before, word) => createHmac('sha256', before).update(word).digest(),
      `AWS4${credentials.secretAccessKey}`,
    );
  const hash = createHash('sha256').update(canonical).digest('hex');
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash}`)
    .digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}
