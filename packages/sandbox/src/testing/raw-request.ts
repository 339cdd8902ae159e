import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { Sandbox } from '../start-sandbox.ts';
import type { Credentials } from './clients.ts';

export interface RawRequest {
  readonly method?: string;
  /** Path and query, already encoded, the query sorted. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly credentials?: Credentials;
  readonly service?: string;
  readonly region?: string;
  readonly at?: Date;
  /** Sent as it is, unsigned. */
  readonly unsignedHeaders?: Readonly<Record<string, string>>;
  /** Makes the body from the seed signature, for bodies whose chunks are signed. */
  readonly signBody?: (signer: RawSigner) => Uint8Array;
}

export interface RawSigner {
  readonly key: Buffer;
  readonly scope: string;
  readonly timestamp: string;
  readonly signature: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends one request, signed by a SigV4 written for the tests alone. */
export async function send(sandbox: Sandbox, raw: RawRequest): Promise<RawAnswer> {
  const body = Buffer.from(raw.body ?? '');
  const host = `127.0.0.1:${sandbox.port}`;
  const signed = raw.credentials ? sign(raw, host, body) : null;
  const bytes = signed && raw.signBody ? Buffer.from(raw.signBody(signed.signer)) : body;
  const headers = {
    host,
    ...(signed?.headers ?? raw.headers),
    ...raw.unsignedHeaders,
    'content-length': String(bytes.length),
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: sandbox.port,
        method: raw.method ?? 'GET',
        path: raw.path,
        headers,
      },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(pieces).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}

export function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sign(
  raw: RawRequest,
  host: string,
  body: Buffer,
): { readonly headers: Record<string, string>; readonly signer: RawSigner } {
  const { accessKeyId = '', secretAccessKey = '', sessionToken } = raw.credentials ?? {};
  const timestamp = (raw.at ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${timestamp.slice(0, 8)}/${raw.region ?? 'us-east-1'}/${raw.service ?? 's3'}/aws4_request`;
  const headers: Record<string, string> = {
    host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': timestamp,
    ...(sessionToken && { 'x-amz-security-token': sessionToken }),
    ...raw.headers,
  };
  const names = Object.keys(headers).sort();
  const [path = '', query = ''] = raw.path.split('?');
  const canonical = [
    raw.method ?? 'GET',
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    headers['x-amz-content-sha256'],
  ].join('\n');
  const [date = '', region = '', service = ''] = scope.split('/');
  const key = hmac(
    hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), service),
    'aws4_request',
  );
  const signature = hmac(
    key,
    `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`,
  ).toString('hex');
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { headers, signer: { key, scope, timestamp, signature } };
}
