import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SigningHash } from './signing-hash.ts';

const data = fc.oneof(fc.string(), fc.uint8Array());
const hex = async (hash: SigningHash) => Buffer.from(await hash.digest()).toString('hex');

describe('SigningHash', () => {
  it('gives what Node gives, of any data in any pieces', () =>
    fc.assert(
      fc.asyncProperty(fc.array(data), async (pieces) => {
        const hash = new SigningHash();
        const expected = createHash('sha256');
        for (const piece of pieces) {
          hash.update(piece);
          expected.update(piece);
        }

        assert.equal(await hex(hash), expected.digest('hex'));
      }),
    ));

  it('is an HMAC with a secret, also with one of no bytes', () =>
    fc.assert(
      fc.asyncProperty(data, data, async (secret, piece) => {
        const hash = new SigningHash(secret);
        hash.update(piece);

        assert.equal(await hex(hash), createHmac('sha256', secret).update(piece).digest('hex'));
      }),
    ));

  it('begins again with the same secret', async () => {
    const hash = new SigningHash('secret');
    hash.update('something else');
    hash.reset();
    hash.update('data');

    assert.equal(await hex(hash), createHmac('sha256', 'secret').update('data').digest('hex'));
  });

  it('reads the part of the memory that it is given', async () => {
    const memory = Buffer.from('--secret--');
    const hash = new SigningHash(new DataView(memory.buffer, memory.byteOffset + 2, 6));
    hash.update(memory.buffer.slice(memory.byteOffset, memory.byteOffset + 2));

    assert.equal(await hex(hash), createHmac('sha256', 'secret').update('--').digest('hex'));
  });
});
