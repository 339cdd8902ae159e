import { pipeline, type Readable, Transform } from 'node:stream';
import { CausewayError } from '@causeway/contract';
import { reasonOf } from './to-causeway-error.ts';

/**
 * Passes the body of an object on, and fails with a {@link CausewayError} unless
 * all of it came through unchanged: `integrity_violated` when the checksum that
 * the store sent along is not that of the bytes, `store_unavailable` otherwise.
 */
export function wholeObject(body: Readable, key: string, expectedBytes?: number): Readable {
  let bytes = 0;
  const checked = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength;
      done(null, chunk);
    },
    flush(done) {
      done(expectedBytes === undefined || bytes === expectedBytes ? null : short());
    },
  });
  const short = (cause?: unknown) =>
    new CausewayError(
      'store_unavailable',
      {
        operation: 'GetObject',
        reason: `object "${key}" ended after ${bytes} of ${expectedBytes ?? '?'} bytes (${cause === undefined ? 'no error' : reasonOf(cause)})`,
      },
      { cause },
    );
  body.on('error', (error) =>
    checked.destroy(isMismatch(error) ? mismatch(key, error) : short(error)),
  );
  // The error reaches the reader through `checked`; this only ties the two lives together.
  pipeline(body, checked, () => undefined);
  return checked;
}

function isMismatch(error: Error): boolean {
  return error.message.startsWith('Checksum mismatch');
}

function mismatch(key: string, cause: Error): CausewayError {
  const [expected, found] = [...cause.message.matchAll(/"([^"]*)"/g)].map((match) => match[1]);
  return new CausewayError(
    'integrity_violated',
    { what: `object "${key}"`, expected: expected ?? 'its checksum', found: found ?? 'another' },
    { cause },
  );
}
