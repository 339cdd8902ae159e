import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

/** What arrived, as the script sees it. */
export interface ScriptedRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * An answer, or none: `drop` cuts the connection, `hold` never answers, `drip` answers 200 and
 * spaces without an end.
 */
export type ScriptedAnswer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Cuts the connection after the head and this much of the body. */
      readonly cutAfterBytes?: number;
    }
  | 'drop'
  | 'hold'
  | 'drip';

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  /** Operations in the order in which they arrived. */
  operations(): string[];
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that answers as it is told: for the answers a real S3 gives once a year. */
export async function scriptedServer(
  script: (request: ScriptedRequest, nth: number) => ScriptedAnswer,
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const reply = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const url = new URL(incoming.url ?? '/', 'http://scripted');
    const body = Buffer.concat(chunks);
    const method = incoming.method ?? '';
    const request: ScriptedRequest = {
      operation: operationOf(method, url, body),
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body,
    };
    requests.push(request);
    const nth = requests.filter((other) => other.operation === request.operation).length;
    const answer = script(request, nth);
    if (answer === 'hold') return;
    if (answer === 'drip') return drip(outgoing);
    if (answer === 'drop') return void incoming.socket.destroy();
    const text = answer.body ?? '';
    const length = Buffer.byteLength(text);
    // An answer to HEAD states the length of what it does not send.
    const headers = { 'content-length': String(length), ...answer.headers };
    outgoing.writeHead(answer.status, answer.status === 204 ? answer.headers : headers);
    if (answer.cutAfterBytes === undefined) return void outgoing.end(method === 'HEAD' ? '' : text);
    outgoing.write(Buffer.from(text).subarray(0, answer.cutAfterBytes), () =>
      incoming.socket.destroy(),
    );
  };
  const server = createServer((incoming, outgoing) => {
    reply(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  const url = await listen(server);
  return {
    url,
    requests,
    operations: () => requests.map(({ operation }) => operation),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function drip(outgoing: ServerResponse): void {
  outgoing.writeHead(200);
  const timer = setInterval(() => outgoing.write(' '), 20);
  outgoing.once('close', () => clearInterval(timer));
}

/** S3's error document. */
export function errorBody(code: string, message = `scripted ${code}`): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>R</RequestId></Error>`;
}

export function refuse(status: number, code: string): ScriptedAnswer {
  return { status, body: errorBody(code), headers: { 'content-type': 'application/xml' } };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve(`http://127.0.0.1:${port}`);
    });
  });
}

function operationOf(method: string, url: URL, body: Buffer): string {
  const query = url.searchParams;
  if (url.pathname === '/' && method === 'POST') {
    return new URLSearchParams(body.toString()).get('Action') ?? 'unknown';
  }
  if (query.has('uploads')) {
    return method === 'GET' ? 'ListMultipartUploads' : 'CreateMultipartUpload';
  }
  if (query.has('uploadId')) return uploadOperations[method] ?? 'unknown';
  if (query.get('list-type') === '2') return 'ListObjectsV2';
  return objectOperations[method] ?? 'unknown';
}

const uploadOperations: Readonly<Record<string, string>> = {
  PUT: 'UploadPart',
  POST: 'CompleteMultipartUpload',
  DELETE: 'AbortMultipartUpload',
};

const objectOperations: Readonly<Record<string, string>> = {
  PUT: 'PutObject',
  HEAD: 'HeadObject',
  GET: 'GetObject',
  DELETE: 'DeleteObject',
};
