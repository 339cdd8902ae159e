import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { AwsError } from '../http/aws-error.ts';
import { ChunkDecoder } from './decode-chunks.ts';
import { hmac } from './signature.ts';

/** The example of a signed chunked upload in the S3 documentation: 65 KiB of the letter a. */
function documentedUpload(): {
  readonly signer: ConstructorParameters<typeof ChunkDecoder>[0];
  readonly body: Buffer;
} {
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const date = hmac(`AWS4${secret}`, '20130524');
  const signed = hmac(hmac(hmac(date, 'us-east-1'), 's3'), 'aws4_request');
  const chunks: readonly (readonly [number, string])[] = [
    [65_536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'],
    [1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'],
    [0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
  ];
  const body = chunks.map(
    ([length, signature]) =>
      `${length.toString(16)};chunk-signature=${signature}\r\n${'a'.repeat(length)}\r\n`,
  );
  return {
    signer: {
      key: createSecretKey(signed),
      scope: '20130524/us-east-1/s3/aws4_request',
      timestamp: '20130524T000000Z',
      signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    },
    body: Buffer.from(body.join('')),
  };
}

function decode(decoder: ChunkDecoder, body: Buffer, pieceLength: number): string {
  const decoded: Buffer[] = [];
  for (let at = 0; at < body.length; at += pieceLength) {
    decoded.push(...decoder.push(body.subarray(at, at + pieceLength)));
  }
  decoder.end();
  return Buffer.concat(decoded).toString();
}

describe('ChunkDecoder', () => {
  for (const pieceLength of [1_000_000, 8191, 1]) {
    it(`reads the documented signed upload in pieces of up to ${pieceLength} bytes`, () => {
      const { signer, body } = documentedUpload();

      assert.equal(decode(new ChunkDecoder(signer, false), body, pieceLength), 'a'.repeat(66_560));
    });
  }

  it('refuses a changed byte, though its chunk has the right length', () => {
    const { signer, body } = documentedUpload();
    body[1000] = 98;

    assert.throws(
      () => decode(new ChunkDecoder(signer, false), body, 4096),
      (error) => error instanceof AwsError && error.code === 'SignatureDoesNotMatch',
    );
  });

  it('refuses a body that ends before its last chunk', () => {
    const { signer, body } = documentedUpload();

    assert.throws(
      () => decode(new ChunkDecoder(signer, false), body.subarray(0, 66_000), 4096),
      (error) => error instanceof AwsError && error.code === 'IncompleteBody',
    );
  });

  it('reads trailers after unsigned chunks', () => {
    const decoder = new ChunkDecoder(null, true);
    const body = '5\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n';

    assert.equal(decode(decoder, Buffer.from(body), 3), 'hello!');
    assert.deepEqual([...decoder.trailers], [['x-amz-checksum-crc32', 'AAAAAA==']]);
  });

  it('refuses what is not in chunks', () => {
    assert.throws(
      () => decode(new ChunkDecoder(null, true), Buffer.from('hello, world\r\n'), 100),
      (error) => error instanceof AwsError && error.code === 'InvalidChunk',
    );
  });
});
