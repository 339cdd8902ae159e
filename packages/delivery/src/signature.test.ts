import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { Manifest } from '@causeway/contract';
import { newSigningKeyPem, openSigningKey, signManifest, verifySignature } from './signature.ts';
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
