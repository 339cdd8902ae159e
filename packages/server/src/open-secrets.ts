import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findKeyTroubles,
  findKmsKey,
  type KeyEncryptionKey,
  type KeyRing,
  type KmsAccess,
  kmsKey,
  newKeyLine,
  openKeyRing,
  parseKeyFile,
  type SecretStore,
  type SecretVault,
  secretVault,
} from '@causeway/connections';
import { CausewayError, randomDigits } from '@causeway/contract';
import type { Configuration } from './configuration.ts';
import { fileExists, isFileError, makeFileUnlessThere } from './make-file.ts';

export interface OpenSecretsInput {
  readonly configuration: Pick<Configuration, 'dataDir' | 'secrets'>;
  /** How KMS is reached, when a key of it is configured or was. */
  readonly kms: KmsAccess;
  readonly store: SecretStore;
}

/**
 * Opens the key ring and proves that every secret which is stored has its key there:
 * better not to start than to fail at the first delivery.
 *
 * @throws CausewayError `configuration_invalid` when a key is missing, wrong or unusable;
 * `store_unavailable` when KMS gives no answer.
 */
export async function openSecrets(input: OpenSecretsInput): Promise<SecretVault> {
  const ring = await openRing(input);
  const { keyFile, kmsKey: kms } = input.configuration.secrets;
  const troubles = await findKeyTroubles(ring, input.store).catch((error: unknown) => {
    throw explained(error, kms);
  });
  if (troubles.length > 0) {
    const file = keyFile ?? ownKeyFile(input.configuration.dataDir);
    const places = kms === null ? `"${file}"` : `"${kms}" and "${file}"`;
    throw invalid(
      `the secrets in the database cannot be read with ${places}: ${troubles.join('; ')}`,
    );
  }
  return secretVault(ring, input.store);
}

/** The file for a process that works alone; several need one that they share. */
export function ownKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'secrets.keys');
}

function openRing({ configuration, kms }: OpenSecretsInput): Promise<KeyRing> {
  const { keyFile, kmsKey: arn } = configuration.secrets;
  const file = keyFile ?? ownKeyFile(configuration.dataDir);
  const readKeys = async () => {
    if (keyFile === null && arn !== null && !(await fileExists(file))) return [];
    if (keyFile === null && arn === null) await makeFileUnlessThere(file, newKeyFile);
    return readKeyFile(file);
  };
  return openKeyRing({
    readKeys,
    ...(arn !== null && { managedKey: kmsKey(arn, kms) }),
    findManaged: (keyId) => findKmsKey(keyId, kms),
  });
}

async function readKeyFile(file: string): Promise<KeyEncryptionKey[]> {
  try {
    return parseKeyFile(await readFile(file, 'utf8'));
  } catch (cause) {
    const reason = isFileError(cause) ? cause.code : (cause as Error).message;
    throw invalid(`CAUSEWAY_SECRETS_KEY_FILE "${file}" cannot be used: ${reason}`, cause);
  }
}

/** The id is random too: keys of two data folders are never taken for one another. */
function newKeyFile(): string {
  return [
    '# Encrypts the secrets in the database of Causeway: without it they are lost.\n',
    '# One key a line, the newest last. To rotate, add a line and run "causeway secrets rotate".\n',
    newKeyLine(`k-${randomDigits(8)}`),
  ].join('');
}

/** Why the key of KMS that new secrets are to be sealed with cannot be used. */
function explained(error: unknown, kms: string | null): unknown {
  const unusable = (reason: string) =>
    invalid(`CAUSEWAY_SECRETS_KMS_KEY "${kms}" cannot be used: ${reason}`, error);
  if (CausewayError.is(error, 'store_refused')) {
    return unusable(`${error.details.code}: ${error.details.reason}`);
  }
  if (CausewayError.is(error, 'operator_account_missing')) {
    return unusable('there are no AWS credentials');
  }
  return error;
}

function invalid(issue: string, cause?: unknown): CausewayError {
  return new CausewayError('configuration_invalid', { issues: [issue] }, { cause });
}
