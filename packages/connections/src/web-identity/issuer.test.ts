import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { issuerKeysInMemory } from '../testing/issuer-keys-in-memory.ts';
import { createIssuer, requireRegistrable, tokenSeconds } from './issuer.ts';

const url = 'https://causeway.example.com/tokens';
const claims = { audience: 'sts.amazonaws.com', subject: 'connection:1' };
const hourMs = 3_600_000;

async function newIssuer() {
  const { sealed, ...kept } = await issuerKeysInMemory();
  let at = Date.parse('2026-01-02T03:04:05Z');
  const issuer = createIssuer({
    url,
    audience: claims.audience,
    ...kept,
    now: () => new Date(at),
  });
  const pass = (ms: number) => {
    at += ms;
  };
  return { issuer, pass, sealed, now: () => at };
}

const parse = (token: string) => {
  const [head = '', body = ''] = token.split('.');
  const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { head: json(head), body: json(body) };
};

describe('createIssuer()', () => {
  it('signs tokens for minutes, each with an id of its own, that its published key verifies', async () => {
    const { issuer, now } = await newIssuer();

    const token = await issuer.sign(claims);
    const another = await issuer.sign(claims);
    const [key] = (await issuer.publicKeys()).keys;

    const { head, body } = parse(token);
    const iat = Math.floor(now() / 1000);
    assert.deepEqual(head, { typ: 'JWT', alg: 'RS256', kid: key?.kid });
    assert.deepEqual(
      { ...body, jti: '' },
      {
        iss: url,
        sub: claims.subject,
        aud: claims.audience,
        iat,
        nbf: iat - 60,
        exp: iat + tokenSeconds,
        jti: '',
      },
    );
    assert.notEqual(parse(another).body.jti, body.jti);
    const [signed = '', signature = ''] = token.split(/\.(?=[^.]+$)/);
    const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
    assert.ok(
      verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'base64url')),
    );
  });

  it('names its keys where OpenID Connect looks for them', async () => {
    const { issuer } = await newIssuer();

    assert.equal(issuer.discovery.issuer, url);
    assert.equal(issuer.discovery.jwks_uri, `${url}/.well-known/jwks.json`);
    assert.deepEqual(issuer.discovery.id_token_signing_alg_values_supported, ['RS256']);
  });

  it('publishes a new key for a day before it signs, and the old one until its tokens expired', async () => {
    const { issuer, pass, sealed } = await newIssuer();
    const kid = async () => parse(await issuer.sign(claims)).head.kid;
    const states = async () => (await issuer.state()).keys.map(({ state }) => state);
    const first = await kid();

    await issuer.rotate({ immediately: false });
    const ahead = [await states(), await kid()];
    pass(24 * hourMs - 1);
    const stillFirst = await kid();
    pass(1);
    const taken = [await states(), await kid()];
    pass(hourMs - 1);
    const kept = (await issuer.publicKeys()).keys.length;
    pass(1);
    const after = await states();

    const second = taken[1];
    assert.deepEqual(ahead, [['signing', 'next'], first]);
    assert.equal(stillFirst, first);
    assert.notEqual(second, first);
    assert.deepEqual(taken[0], ['retired', 'signing']);
    assert.equal(kept, 2);
    assert.deepEqual(after, ['signing']);
    await issuer.rotate({ immediately: false });
    assert.ok(!sealed.has(`issuer_key/${first}`), 'the private half outlived its key');
  });

  it('rotates by itself after ninety days', async () => {
    const { issuer, pass } = await newIssuer();
    await issuer.sign(claims);

    pass(90 * 24 * hourMs - 1);
    const before = (await issuer.publicKeys()).keys.length;
    pass(1);
    const due = (await issuer.publicKeys()).keys.length;
    await issuer.sign(claims);
    const again = (await issuer.publicKeys()).keys.length;

    assert.deepEqual([before, due, again], [1, 2, 2]);
  });

  it('withdraws all keys at once when one has leaked, also one that waits', async () => {
    const { issuer, sealed } = await newIssuer();
    await issuer.rotate({ immediately: false });
    await issuer.rotate({ immediately: false });

    const { keys } = await issuer.rotate({ immediately: true });

    assert.deepEqual(
      keys.map(({ state }) => state),
      ['signing'],
    );
    assert.equal(parse(await issuer.sign(claims)).head.kid, keys[0]?.id);
    assert.equal(sealed.size, 1);
  });
});

describe('requireRegistrable()', () => {
  it('takes what IAM can register, and this machine for rehearsals', () => {
    for (const good of [
      'https://causeway.example.com',
      'https://causeway.example.com/tokens',
      'http://127.0.0.1:7070',
      'http://localhost:7070',
    ]) {
      assert.doesNotThrow(() => requireRegistrable(good), good);
    }
  });

  it('refuses everything else', () => {
    for (const bad of [
      'http://causeway.example.com',
      'https://causeway.example.com:8443',
      'https://causeway.example.com/?a=b',
      'https://causeway.example.com/#a',
      'https://user@causeway.example.com',
      'https://127.0.0.1:7070',
      'causeway.example.com',
    ]) {
      assert.throws(
        () => requireRegistrable(bad),
        (error) => CausewayError.is(error, 'issuer_not_usable'),
        bad,
      );
    }
  });
});
