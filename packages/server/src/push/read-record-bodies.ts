import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CausewayError, pushLimits, recordsTypes } from '@causeway/contract';
import type { FastifyInstance } from 'fastify';

const decompress = promisify(gunzip);

/**
 * Gives the routes of a server the bodies of pushed records as files, of the type that
 * was said. One that is compressed is never larger than the limit, compressed or not.
 */
export function readRecordBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    [...recordsTypes],
    { parseAs: 'buffer', bodyLimit: pushLimits.bytes },
    async ({ headers }: { headers: Record<string, unknown> }, body: string | Buffer) => {
      const bytes = await decode(Buffer.from(body), headers['content-encoding']);
      const type = String(headers['content-type']).split(';', 1)[0]?.trim().toLowerCase() ?? '';
      return new File([new Uint8Array(bytes)], 'records', { type });
    },
  );
}

/** @throws CausewayError `invalid_request`, `body_too_large`. */
async function decode(body: Buffer, encoding: unknown): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw refused('Content-Encoding', 'must be "gzip" or left out');
  try {
    return await decompress(body, { maxOutputLength: pushLimits.bytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new CausewayError('body_too_large', { limitBytes: pushLimits.bytes });
    }
    throw refused('', 'the body is not valid gzip');
  }
}

function refused(path: string, message: string): CausewayError {
  return new CausewayError('invalid_request', { issues: [{ path, message }] });
}
