import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { CausewayError } from '@causeway/contract';
import { openSecret, rewrapSecret, type SealedSecret, sealSecret } from './envelope.ts';
import { newKeyLine, parseKeyFile } from './file-key.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';

const place = { customerId: 'cus_1', connectionId: 'conn_1', field: 'access_key/ak_1' };
const ringOf = (...lines: string[]) =>
  openKeyRing({ readKeys: async () => parseKeyFile(lines.join('')) });
const one = newKeyLine('k1');
const two = newKeyLine('k2');
const seal = (ring: KeyRing, value = 'wJalrXUtnFEMI/K7MDENG') =>
  sealSecret(ring, place, new Secret(value));
const notReadable = (reason: RegExp) => (error: unknown) =>
  CausewayError.is(error, 'secret_not_readable') && reason.test(error.message);

describe('sealSecret()', () => {
  it('keeps nothing of the secret, of its data key or of the key in what is stored', async () => {
    const sealed = await seal(await ringOf(one), 'a-canary-secret');
    const key = one.split(':')[1]?.trim() ?? '';

    const stored = JSON.stringify(sealed) + inspect(sealed, { depth: 9, maxArrayLength: null });
    assert.doesNotMatch(stored, /a-canary-secret/);
    assert.ok(!sealed.ciphertext.includes('a-canary-secret'));
    assert.ok(!sealed.wrappedKey.includes(Buffer.from(key, 'base64')));
    assert.equal(sealed.keyId, 'k1');
  });

  it('never uses a data key, a salt or a nonce twice', async () => {
    const ring = await ringOf(one);
    const seen = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const sealed = await seal(ring, 'the same');
      seen.add(sealed.wrappedKey.subarray(0, 32).toString('hex'));
      seen.add(sealed.nonce.toString('hex'));
      seen.add(createHash('sha256').update(sealed.ciphertext).digest('hex'));
      seen.add(sealed.version);
    }

    assert.equal(seen.size, 4000);
  });
});

describe('openSecret()', () => {
  it('gives back what was sealed, of any length', async () => {
    const ring = await ringOf(one);
    for (const value of ['', 'x', 'ключ 🔑', 'a'.repeat(100_000)]) {
      assert.equal((await openSecret(ring, await seal(ring, value))).reveal(), value);
    }
  });

  it('refuses a ciphertext that was moved to another place or put back as another version', async () => {
    const ring = await ringOf(one);
    const sealed = await seal(ring);
    const moved: Partial<SealedSecret>[] = [
      { customerId: 'cus_2' },
      { customerId: null },
      { connectionId: 'conn_2' },
      { connectionId: null },
      { field: 'access_key/ak_2' },
      { version: 'sec_other' },
    ];
    for (const change of moved) {
      await assert.rejects(
        openSecret(ring, { ...sealed, ...change }),
        notReadable(/does not open/),
      );
    }
  });

  it('refuses a ciphertext under the data key of another secret', async () => {
    const ring = await ringOf(one);
    const [sealed, other] = [await seal(ring), await seal(ring)];
    const swapped = { ...sealed, ciphertext: other.ciphertext, nonce: other.nonce };

    await assert.rejects(openSecret(ring, swapped), notReadable(/was changed/));
  });

  it('refuses what has a single bit flipped, wherever it is', async () => {
    const ring = await ringOf(one);
    const sealed = await seal(ring, 'secret');
    for (const part of ['ciphertext', 'nonce', 'wrappedKey'] as const) {
      for (let bit = 0; bit < sealed[part].length * 8; bit++) {
        const bytes = Buffer.from(sealed[part]);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        await assert.rejects(openSecret(ring, { ...sealed, [part]: bytes }), notReadable(/./));
      }
    }
  });

  it('refuses what was cut short', async () => {
    const ring = await ringOf(one);
    const sealed = await seal(ring);
    for (const part of ['ciphertext', 'nonce', 'wrappedKey'] as const) {
      for (const length of [0, 1, 11, sealed[part].length - 1]) {
        const cut = { ...sealed, [part]: sealed[part].subarray(0, length) };
        await assert.rejects(openSecret(ring, cut), notReadable(/./));
      }
    }
  });

  it('tells a key that is missing from one of the same id and another value', async () => {
    const sealed = await seal(await ringOf(one));

    await assert.rejects(openSecret(await ringOf(two), sealed), notReadable(/not in the key ring/));
    const impostor = await ringOf(newKeyLine('k1'));
    await assert.rejects(openSecret(impostor, sealed), notReadable(/"k1" does not open it/));
  });
});

describe('rewrapSecret()', () => {
  it('moves a secret to the newest key, after which the old one may go', async () => {
    const sealed = await seal(await ringOf(one), 'kept');
    const wrapped = await rewrapSecret(await ringOf(one, two), sealed);

    assert.equal(wrapped.keyId, 'k2');
    const opened = await openSecret(await ringOf(two), { ...sealed, ...wrapped });
    assert.equal(opened.reveal(), 'kept');
  });
});

describe('openKeyRing()', () => {
  it('finds keys that were added while it is open', async () => {
    const lines = [one];
    const ring = await openKeyRing({ readKeys: async () => parseKeyFile(lines.join('')) });
    const before = await seal(ring, 'before');
    lines.push(two);
    const foreign = await seal(await ringOf(one, two), 'by another process');

    assert.equal((await openSecret(ring, foreign)).reveal(), 'by another process');
    assert.equal((await openSecret(ring, before)).reveal(), 'before');
    assert.equal((await ring.newest()).id, 'k2');
  });
});

describe('parseKeyFile()', () => {
  const key = 'A'.repeat(43);
  const faults = [
    ['nothing', '', /holds no key/],
    ['comments alone', '# k1\n\n', /holds no key/],
    ['a key without an id', `${key}=\n`, /line 1/],
    ['a key of 31 bytes', `k1:${'A'.repeat(40)}AA==\n`, /line 1/],
    ['a key in hex', `k1:${'0'.repeat(64)}\n`, /line 1/],
    ['an id twice', one + newKeyLine('k1'), /line 2 has the id/],
    ['a key twice', `k1:${key}=\nk2:${key}=\n`, /line 2 has the key/],
  ] as const;
  for (const [name, text, expected] of faults) {
    it(`refuses ${name}, and repeats none of it`, () => {
      assert.throws(
        () => parseKeyFile(text),
        (error: Error) => expected.test(error.message) && !error.message.includes('AAAA'),
      );
    });
  }

  it('takes the last line for the newest, whatever ends the lines', async () => {
    const ring = await ringOf('# ours\r\n', one.replace('\n', '\r\n'), '\r\n', two.trim());

    assert.equal((await ring.newest()).id, 'k2');
    assert.equal((await ring.find('k1'))?.id, 'k1');
  });
});

describe('Secret', () => {
  it('shows itself nowhere', () => {
    const secret = new Secret('canary');
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
      JSON.stringify(Object.entries(secret)),
    ];

    assert.doesNotMatch(shown.join(), /canary/);
    assert.match(shown.join(), /\[redacted\]/);
    assert.equal(secret.reveal(), 'canary');
  });
});
