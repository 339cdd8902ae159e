import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partSizeAt, planPartSize } from './plan-part-size.ts';

const mebibyte = 1024 ** 2;
const largestObject = 5 * 1024 ** 4;

describe('planPartSize()', () => {
  it('gives at most 10,000 parts of 5 MiB to 5 GiB for any size that S3 stores', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: largestObject }), (bytes) => {
        const size = planPartSize(bytes);
        assert.ok(Math.ceil(bytes / size) <= 10_000);
        assert.ok(size >= 5 * mebibyte && size <= 5 * 1024 * mebibyte);
        assert.equal(size % mebibyte, 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps 16 MiB as long as that is enough', () => {
    assert.equal(planPartSize(0), 16 * mebibyte);
    assert.equal(planPartSize(10_000 * 16 * mebibyte), 16 * mebibyte);
    assert.equal(planPartSize(10_000 * 16 * mebibyte + 1), 17 * mebibyte);
    assert.ok(Math.ceil(largestObject / planPartSize(largestObject)) <= 10_000);
  });

  it('refuses what S3 cannot store', () => {
    for (const bytes of [-1, largestObject + 1, Number.NaN]) {
      assert.throws(() => planPartSize(bytes), RangeError);
    }
  });
});

describe('partSizeAt()', () => {
  it('reaches 5 TiB by 10,000 parts whatever the first size, each within the limits of S3', () => {
    for (const first of [5 * mebibyte, 16 * mebibyte]) {
      let total = 0;
      for (let partNumber = 1; partNumber <= 10_000; partNumber++) {
        const size = partSizeAt(partNumber, first);
        assert.ok(size >= first && size <= 5 * 1024 * mebibyte);
        assert.equal(size % mebibyte, 0);
        if (partNumber <= 1000) assert.equal(size, first);
        total += size;
      }
      assert.ok(total >= largestObject);
    }
  });
});
