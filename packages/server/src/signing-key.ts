import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError } from '@causeway/contract';
import {
  newSigningKeyPem,
  openSigningKey,
  rotateSigningKeyPem,
  type SigningKey,
} from '@causeway/delivery';
import { isFileError, makeFileUnlessThere, replaceFile } from './make-file.ts';

export interface SigningKeyLocation {
  readonly dataDir: string;
  /** A key that must exist already, since one that is shared by several processes is never made; null: our own. */
  readonly signingKeyFile: string | null;
}

/**
 * Loads the Ed25519 key that manifests are signed with. Without a file named, it is
 * `keys/manifest-signing.pem` in the data folder, made when it is not there; of
 * several processes that start at once all get the same.
 *
 * @throws CausewayError `configuration_invalid` when the file is missing, unreadable
 * or holds no Ed25519 key.
 */
export async function loadSigningKey(location: SigningKeyLocation): Promise<SigningKey> {
  const file = fileOf(location);
  return orInvalid(file, async () => {
    if (location.signingKeyFile === null) await makeFileUnlessThere(file, newSigningKeyPem);
    return openSigningKey(await readFile(file, 'utf8'));
  });
}

/**
 * Puts a new key into the file, which signs once the processes that read it have been started
 * anew. Of the earlier keys the public parts stay, and are published with it.
 *
 * @throws CausewayError as {@link loadSigningKey}.
 */
export async function rotateSigningKey(location: SigningKeyLocation): Promise<SigningKey> {
  const file = fileOf(location);
  await loadSigningKey(location);
  return orInvalid(file, async () => {
    const rotated = rotateSigningKeyPem(await readFile(file, 'utf8'));
    await replaceFile(file, rotated);
    return openSigningKey(rotated);
  });
}

function fileOf({ signingKeyFile, dataDir }: SigningKeyLocation): string {
  return signingKeyFile ?? join(dataDir, 'keys', 'manifest-signing.pem');
}

async function orInvalid<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = isFileError(cause) ? cause.code : 'it holds no Ed25519 private key in PEM';
    const issues = [`CAUSEWAY_SIGNING_KEY_FILE "${file}" cannot be used: ${reason}`];
    throw new CausewayError('configuration_invalid', { issues }, { cause });
  }
}
