import type { S3Client } from '@aws-sdk/client-s3';

const commands = new Set(['UploadPartCommand', 'PutObjectCommand']);

/**
 * Spares `client` the SHA-256 over every body that it sends with a CRC-32.
 *
 * The store verifies the CRC-32, whose header is signed, and TLS guards the bytes
 * in between; that hash would only cost time (it halves the throughput). Over plain
 * HTTP to another host it is the one guard against changes on the way, and stays.
 */
export function sendPayloadUnsigned(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const request = args.request as OutgoingRequest;
      if (
        commands.has(context.commandName ?? '') &&
        request.headers['x-amz-checksum-crc32'] !== undefined &&
        (request.protocol === 'https:' || isLoopback(request.hostname))
      ) {
        request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      }
      return next(args);
    },
    { step: 'build', priority: 'low', name: 'sendPayloadUnsigned' },
  );
}

interface OutgoingRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly headers: Record<string, string>;
}

function isLoopback(hostname: string): boolean {
  return /^(127(\.\d{1,3}){3}|\[?::1\]?|(.+\.)?localhost)$/.test(hostname);
}
