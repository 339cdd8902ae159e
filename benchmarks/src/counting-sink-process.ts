/**
 * The process of `startCountingSink()`: speaks enough S3 and STS to be written to,
 * keeps nothing, counts bytes.
 *
 * Over `net` and not `http`, so that it takes as little of the machine as possible
 * from what is measured.
 */
import { createServer, type Socket } from 'node:net';

let bytes = 0;
let uploads = 0;

const etag = '"d41d8cd98f00b204e9800998ecf8427e"';
const server = createServer({ noDelay: true, highWaterMark: 1024 ** 2 }, serve);

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.send?.({ port: address.port });
});
process.on('message', () => process.send?.({ bytes }));
process.on('disconnect', () => process.exit());

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly keepsBody: boolean;
}

function serve(socket: Socket): void {
  let head: Buffer = Buffer.alloc(0);
  let request: Request | undefined;
  let missing = 0;
  let kept = '';
  const finish = () => {
    if (request) socket.write(answer(request, kept));
    request = undefined;
    kept = '';
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    let rest = data;
    while (rest.byteLength > 0) {
      if (!request) {
        head = head.byteLength === 0 ? rest : Buffer.concat([head, rest]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        ({ request, length: missing } = parseHead(head.toString('latin1', 0, end)));
        rest = head.subarray(end + 4);
        head = Buffer.alloc(0);
      }
      const piece = rest.subarray(0, missing);
      missing -= piece.byteLength;
      rest = rest.subarray(piece.byteLength);
      if (request.keepsBody) kept += piece.toString('latin1');
      else bytes += piece.byteLength;
      if (missing === 0) finish();
    }
  });
}

function parseHead(head: string): { readonly request: Request; readonly length: number } {
  const [method = '', target = ''] = head.slice(0, head.indexOf('\r\n')).split(' ');
  const [path = '', query = ''] = target.split('?');
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  // Everything but an object's bytes comes by POST: STS's forms and the list of parts.
  return { request: { method, path, query, keepsBody: method === 'POST' }, length };
}

function answer(request: Request, body: string): string {
  const { method, query } = request;
  if (method === 'DELETE') return respond(204, '');
  if (method === 'PUT') return respond(200, '', `ETag: ${etag}\r\n`);
  if (method === 'POST' && /(^|&)uploads(=|&|$)/.test(query)) return respond(200, created(request));
  if (method === 'POST' && query.includes('uploadId=')) return respond(200, completed(request));
  if (body.includes('Action=AssumeRole')) return respond(200, assumed());
  if (body.includes('Action=GetCallerIdentity')) return respond(200, identity());
  return respond(
    404,
    '<Error><Code>NoSuchKey</Code><Message>Nothing is kept here.</Message></Error>',
  );
}

function respond(status: number, body: string, headers = ''): string {
  const length = status === 204 ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `HTTP/1.1 ${status} Answer\r\nx-amz-request-id: SINK\r\nContent-Type: application/xml\r\n${headers}${length}\r\n${body}`;
}

function created({ path }: Request): string {
  const [bucket, ...key] = path.slice(1).split('/');
  return `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${key.join('/')}</Key><UploadId>upload-${++uploads}</UploadId></InitiateMultipartUploadResult>`;
}

function completed({ path }: Request): string {
  const [bucket, ...key] = path.slice(1).split('/');
  return `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${key.join('/')}</Key><ETag>${etag}</ETag></CompleteMultipartUploadResult>`;
}

function assumed(): string {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROASINK:sink</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/sink/sink</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIASINK</AccessKeyId><SecretAccessKey>sink</SecretAccessKey><SessionToken>sink</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>SINK</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}

function identity(): string {
  return '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/causeway</Arn><UserId>111111111111</UserId><Account>111111111111</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>SINK</RequestId></ResponseMetadata></GetCallerIdentityResponse>';
}
