import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { Manifest } from '@causeway/contract';
import {
  newSigningKeyPem,
  openSigningKey,
  publicKeyEntry,
  rotateSigningKeyPem,
  signManifest,
  verifySignature,
} from './signature.ts';
import { sampleManifest } from './testing/sample-manifest.ts';

const key = openSigningKey(newSigningKeyPem());

describe('signManifest()', () => {
  it('makes a manifest that fits its schema and verifies', () => {
    const signed = Manifest.parse(signManifest(sampleManifest(), key));

    assert.equal(verifySignature(signed, key.publicKeys), 'valid');
    assert.equal(signed.signature.publicKeyId, key.publicKeyId);
  });

  it('verifies after the receiver parsed and printed it in another order', () => {
    const signed = signManifest(sampleManifest(), key);
    const reordered = Object.fromEntries(Object.entries(signed).reverse());

    assert.equal(verifySignature(Manifest.parse(reordered), key.publicKeys), 'valid');
  });

  it('does not verify once any field is changed', () => {
    const signed = signManifest(sampleManifest(), key);
    for (const change of [
      { rows: 1 },
      { sequence: 2 },
      { customer: 'cus_2' },
      { window: { from: null, to: '2026-11-23T00:00:00.000Z' } },
    ]) {
      assert.equal(verifySignature({ ...signed, ...change }, key.publicKeys), 'invalid');
    }
  });

  it('is not trusted when the key is none of those given', () => {
    const signed = signManifest(sampleManifest(), key);
    const other = openSigningKey(newSigningKeyPem());

    assert.equal(verifySignature(signed, other.publicKeys), 'unknown_key');
    assert.equal(verifySignature(signed, { keys: [] }), 'unknown_key');
  });

  it('cannot be forged by naming a known key', () => {
    const forged = signManifest(sampleManifest(), openSigningKey(newSigningKeyPem()));
    const signature = { ...forged.signature, publicKeyId: key.publicKeyId };

    assert.equal(verifySignature({ ...forged, signature }, key.publicKeys), 'invalid');
  });
});

describe('openSigningKey()', () => {
  it('refuses a key of another kind', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

    assert.throws(() => openSigningKey(pem), /type "ec": it must be Ed25519/);
  });
});

describe('rotateSigningKeyPem()', () => {
  const pem = newSigningKeyPem();
  const rotated = rotateSigningKeyPem(rotateSigningKeyPem(pem));

  it('signs with the new key, and goes on verifying what the old ones signed', () => {
    const [old, fresh] = [openSigningKey(pem), openSigningKey(rotated)];
    const before = signManifest(sampleManifest(), old);
    const after = signManifest(sampleManifest(), fresh);

    assert.notEqual(fresh.publicKeyId, old.publicKeyId);
    assert.equal(fresh.publicKeys.keys.length, 3);
    assert.equal(fresh.publicKeys.keys[0]?.id, fresh.publicKeyId);
    assert.equal(verifySignature(before, fresh.publicKeys), 'valid');
    assert.equal(verifySignature(after, fresh.publicKeys), 'valid');
    assert.equal(verifySignature(after, old.publicKeys), 'unknown_key');
  });

  it('keeps nothing that the old keys could sign with', () => {
    assert.equal(rotated.match(/BEGIN PRIVATE KEY/g)?.length, 1);
    assert.equal(rotated.match(/BEGIN PUBLIC KEY/g)?.length, 2);
    assert.ok(!rotated.includes(pem.split('\n')[1] ?? pem));
  });

  it('refuses a file that holds no private key', () => {
    const publicOnly = rotated.replace(/-----BEGIN PRIVATE[\s\S]*/, '');

    assert.throws(() => rotateSigningKeyPem(publicOnly), /no private key/);
    assert.throws(() => openSigningKey(''), /no private key/);
  });
});

describe('publicKeyEntry()', () => {
  it('makes of a pinned key what the operator publishes', () => {
    const [published] = key.publicKeys.keys;

    assert.deepEqual(publicKeyEntry(published?.publicKey ?? ''), published);
  });
});
