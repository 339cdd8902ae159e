import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  inContext,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  utcTime,
  utf8String,
  yes,
} from './der.ts';

/** What a server of TLS needs, and what its clients are to trust. All in PEM. */
export interface Certificates {
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
}

const day = 24 * 60 * 60 * 1000;
/** The longest that clients of Apple accept is 825 days. */
const validDays = 397;

const oids = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/**
 * Makes an authority, and a certificate by it for names and IP addresses (RFC 5280).
 *
 * The authority's key is forgotten here: who trusts it trusts this one server,
 * for as long as that runs, and nothing else.
 */
export function makeCertificates(names: readonly string[], now: Date): Certificates {
  const authorityKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serverKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityName = `Causeway sandbox ${randomBytes(4).toString('hex')}`;
  const authorityKeyId = keyId(authorityKeys.publicKey);
  const signer = { name: authorityName, key: authorityKeys.privateKey };
  const authority = certificate(authorityName, authorityKeys.publicKey, signer, now, [
    extension(oids.basicConstraints, true, sequence(yes(), integer(Buffer.from([0])))),
    // keyCertSign and cRLSign.
    extension(oids.keyUsage, true, bitString(Buffer.from([0x06]), 1)),
    extension(oids.subjectKeyIdentifier, false, octetString(authorityKeyId)),
  ]);
  const server = certificate(names[0] ?? 'localhost', serverKeys.publicKey, signer, now, [
    extension(oids.basicConstraints, true, sequence()),
    // digitalSignature.
    extension(oids.keyUsage, true, bitString(Buffer.from([0x80]), 7)),
    extension(oids.extendedKeyUsage, false, sequence(objectIdentifier(oids.serverAuth))),
    extension(oids.subjectAltName, false, sequence(...names.map(generalName))),
    extension(oids.subjectKeyIdentifier, false, octetString(keyId(serverKeys.publicKey))),
    extension(oids.authorityKeyIdentifier, false, sequence(inContext(0, false, authorityKeyId))),
  ]);
  return {
    key: serverKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem(server),
    authority: pem(authority),
  };
}

function certificate(
  subject: string,
  publicKey: KeyObject,
  signer: { readonly name: string; readonly key: KeyObject },
  now: Date,
  extensions: readonly Buffer[],
): Buffer {
  const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256));
  const toBeSigned = sequence(
    inContext(0, true, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    algorithm,
    distinguishedName(signer.name),
    // A client's clock may be behind.
    sequence(
      utcTime(new Date(now.getTime() - day)),
      utcTime(new Date(now.getTime() + validDays * day)),
    ),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    inContext(3, true, sequence(...extensions)),
  );
  return sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, signer.key)));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier(oids.commonName), utf8String(commonName))));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [yes()] : [];
  return sequence(objectIdentifier(id), ...critical, octetString(value));
}

function generalName(name: string): Buffer {
  const [dnsName, ipAddress] = [2, 7];
  if (/^[\d.]+$/.test(name)) {
    return inContext(ipAddress, false, Buffer.from(name.split('.').map(Number)));
  }
  if (name === '::1') return inContext(ipAddress, false, Buffer.from([...Array(15).fill(0), 1]));
  return inContext(dnsName, false, Buffer.from(name));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
