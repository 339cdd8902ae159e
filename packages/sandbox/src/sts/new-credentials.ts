import { randomBytes } from 'node:crypto';
import { element, text } from '../http/xml.ts';
import { newAccessKeyId } from '../iam/new-id.ts';
import type { SessionRecord } from '../state/records.ts';

type Credentials = Pick<
  SessionRecord,
  'accessKeyId' | 'secret' | 'token' | 'issuedAt' | 'expiresAt'
>;

/** A temporary key pair with its token. */
export function newCredentials(issuedAt: Date, seconds: number): Credentials {
  return {
    accessKeyId: newAccessKeyId('ASIA'),
    secret: randomBytes(30).toString('base64'),
    token: randomBytes(192).toString('base64'),
    issuedAt: issuedAt.toISOString(),
    expiresAt: new Date(issuedAt.getTime() + seconds * 1000).toISOString(),
  };
}

export function credentialsElement(session: Credentials): string {
  return element('Credentials', [
    text('AccessKeyId', session.accessKeyId),
    text('SecretAccessKey', session.secret),
    text('SessionToken', session.token),
    text('Expiration', session.expiresAt.replace(/\.\d{3}/, '')),
  ]);
}
