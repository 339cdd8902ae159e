import { CausewayError, type ConnectionBy } from '@causeway/contract';
import type { AwsCredentials, CredentialProvider } from '@causeway/objectstore';
import { Secret } from '../secrets/secret.ts';
import type { SecretPlace } from '../secrets/secret-place.ts';
import type { SecretVault } from '../secrets/secret-vault.ts';

export type SecretReader = Pick<SecretVault, 'read'>;

/** The two parts of an access key. The ID is no secret, but it is nobody else's business either. */
export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

type KeyConnection = Pick<ConnectionBy<'access_key'>, 'id' | 'customerId' | 'accessKeys'>;

/** What is wrong with a connection for which none was entered, or whose last one was removed. */
export const accessKeyMissing = {
  cause: 'access_key_missing',
  fix: 'Make an access key of the user, and enter it',
} as const;

/** Where the parts of one access key are kept. */
export function accessKeyPlace(
  { id, customerId }: Pick<KeyConnection, 'id' | 'customerId'>,
  keyId: string,
): SecretPlace {
  return { customerId, connectionId: id, field: `access_key/${keyId}` };
}

export function accessKeySecret({ accessKeyId, secretAccessKey }: KeyPair): Secret<string> {
  return new Secret(JSON.stringify({ accessKeyId, secretAccessKey }));
}

/** Null when it was removed. @throws CausewayError `secret_not_readable`. */
export async function readAccessKey(
  connection: KeyConnection,
  keyId: string,
  secrets: SecretReader,
): Promise<KeyPair | null> {
  const secret = await secrets.read(accessKeyPlace(connection, keyId));
  return secret && (JSON.parse(secret.reveal()) as KeyPair);
}

/** The parts of the key that is in use; null when the connection has none. */
export async function currentAccessKey(
  connection: KeyConnection,
  secrets: SecretReader,
): Promise<KeyPair | null> {
  const key = connection.accessKeys.find(({ current }) => current);
  return key ? readAccessKey(connection, key.id, secrets) : null;
}

/**
 * Credentials of the key that the connection uses, read when they are first needed.
 * They fail with CausewayError `connection_not_ready` when the key was removed meanwhile.
 */
export function accessKeyCredentials(
  connection: KeyConnection,
  secrets: SecretReader,
): CredentialProvider {
  let read: Promise<AwsCredentials> | undefined;
  const load = async () => {
    const key = await currentAccessKey(connection, secrets);
    if (key) return key;
    throw new CausewayError('connection_not_ready', {
      connectionId: connection.id,
      status: 'no access key entered',
      fix: accessKeyMissing.fix,
      side: 'customer',
      cause: accessKeyMissing.cause,
    });
  };
  return () => {
    read ??= load().catch((error: unknown) => {
      read = undefined;
      throw error;
    });
    return read;
  };
}
