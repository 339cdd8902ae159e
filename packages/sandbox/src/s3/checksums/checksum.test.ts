import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithm } from '../../state/records.ts';
import { startChecksum } from './checksum.ts';
import { combineCrcs } from './combine-crcs.ts';
import { crc32c } from './crc32c.ts';
import { crc64nvme } from './crc64nvme.ts';

describe('startChecksum()', () => {
  const published: readonly (readonly [ChecksumAlgorithm, string])[] = [
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ];
  for (const [algorithm, check] of published) {
    it(`computes the published check value of ${algorithm}, in one piece or many`, () => {
      const whole = startChecksum(algorithm);
      const pieces = startChecksum(algorithm);

      whole.update(Buffer.from('123456789'));
      for (const digit of '123456789') pieces.update(Buffer.from(digit));

      assert.equal(whole.digest().toString('hex'), check);
      assert.equal(pieces.digest().toString('hex'), check);
    });
  }
});

describe('crc64nvme()', () => {
  it('gives the same wherever in memory the bytes begin and are cut', () => {
    const bytes = randomBytes(1003);
    const expected = crc64nvme(bytes);

    for (let offset = 0; offset < 9; offset++) {
      const memory = Buffer.concat([Buffer.alloc(offset), bytes]);
      const moved = memory.subarray(offset);
      const first = crc64nvme(moved.subarray(0, 100 + offset));
      assert.equal(crc64nvme(moved), expected);
      assert.equal(crc64nvme(moved.subarray(100 + offset), first), expected);
    }
  });
});

describe('combineCrcs()', () => {
  it('finds the CRC of the whole from those of its parts, whatever their lengths', () => {
    const bytes = randomBytes(100_003);
    const parts = [
      bytes.subarray(0, 40_000),
      bytes.subarray(40_000, 80_000),
      bytes.subarray(80_000),
      Buffer.alloc(0),
    ];
    const combine = (
      algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME',
      crc: (part: Uint8Array) => bigint,
    ) =>
      combineCrcs(
        algorithm,
        parts.map((part) => ({ crc: crc(part), bytes: part.length })),
      );

    assert.equal(
      combine('CRC32', (part) => BigInt(crc32(part))),
      BigInt(crc32(bytes)),
    );
    assert.equal(
      combine('CRC32C', (part) => BigInt(crc32c(part))),
      BigInt(crc32c(bytes)),
    );
    assert.equal(
      combine('CRC64NVME', (part) => crc64nvme(part)),
      crc64nvme(bytes),
    );
  });
});
