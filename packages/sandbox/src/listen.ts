import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { SandboxError } from './sandbox-error.ts';
import { makeCertificates } from './tls/make-certificates.ts';

/** HTTPS, beside the plain port. */
export interface TlsAddress {
  readonly url: string;
  readonly port: number;
  /** The certificate to trust, in PEM: for `AWS_CA_BUNDLE` or `NODE_EXTRA_CA_CERTS`. */
  readonly authorityFile: string;
}

/** Ports that are open. */
export interface Listening {
  readonly port: number;
  readonly tls: TlsAddress | null;
  /** Cuts open connections. */
  readonly close: () => Promise<void>;
}

export interface Ports {
  readonly host: string;
  readonly port: number;
  /** Takes any free port where `port` is taken, instead of refusing. */
  readonly orAnyPort: boolean;
  readonly tlsPort: number | null;
}

/** One label may stand for a bucket; names with dots do not match, as at AWS. */
const certifiedNames = [
  'localhost',
  's3.localhost',
  '*.s3.localhost',
  's3.us-east-1.localhost',
  '*.s3.us-east-1.localhost',
  'sts.localhost',
  'iam.localhost',
  'kms.localhost',
  'sqs.localhost',
  '127.0.0.1',
  '::1',
];

/**
 * Opens the plain port, and that of TLS when one is asked for, with a certificate
 * made now; the one to trust is written below `folder`.
 *
 * @throws SandboxError `port_in_use`.
 */
export async function listen(
  folder: string,
  ports: Ports,
  onRequest: RequestListener,
): Promise<Listening> {
  const plain = createServer(onRequest);
  const port = await open(plain, ports.port, ports.host).catch((error: unknown) => {
    if (ports.orAnyPort && isPortInUse(error)) return open(plain, 0, ports.host);
    throw error;
  });
  if (ports.tlsPort === null) return { port, tls: null, close: () => closeServer(plain) };
  const { key, certificate, authority } = makeCertificates(certifiedNames, new Date());
  const secure = createTlsServer({ key, cert: certificate, minVersion: 'TLSv1.2' }, onRequest);
  try {
    const tlsPort = await open(secure, ports.tlsPort, ports.host);
    const authorityFile = resolve(folder, 'tls', 'authority.pem');
    mkdirSync(dirname(authorityFile), { recursive: true, mode: 0o700 });
    writeFileSync(authorityFile, authority);
    return {
      port,
      tls: { url: `https://127.0.0.1:${tlsPort}`, port: tlsPort, authorityFile },
      close: async () => void (await Promise.all([closeServer(plain), closeServer(secure)])),
    };
  } catch (error) {
    await closeServer(plain);
    throw error;
  }
}

function open(server: Server, port: number, host: string): Promise<number> {
  // A request may be held, and a body may be large: neither is given a time limit.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause);
      const message = `Cannot listen on port ${port}: another program is using it`;
      reject(
        new SandboxError('port_in_use', message, 'Stop it, or choose another port', { cause }),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function isPortInUse(error: unknown): boolean {
  return error instanceof SandboxError && error.code === 'port_in_use';
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
