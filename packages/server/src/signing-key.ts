import { access, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CausewayError, randomDigits } from '@causeway/contract';
import { newSigningKeyPem, openSigningKey, type SigningKey } from '@causeway/delivery';

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
  const file = location.signingKeyFile ?? join(location.dataDir, 'keys', 'manifest-signing.pem');
  try {
    if (location.signingKeyFile === null) await makeUnlessThere(file);
    return openSigningKey(await readFile(file, 'utf8'));
  } catch (cause) {
    const reason = isFileError(cause) ? cause.code : 'it holds no Ed25519 private key in PEM';
    const issues = [`CAUSEWAY_SIGNING_KEY_FILE "${file}" cannot be used: ${reason}`];
    throw new CausewayError('configuration_invalid', { issues }, { cause });
  }
}

/** Written and synced under another name first, so that nobody ever reads half a key. */
async function makeUnlessThere(file: string): Promise<void> {
  if (await exists(file)) return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomDigits(12)}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(newSigningKeyPem());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file).catch((error: unknown) => {
      if (!isFileError(error) || error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}

function isFileError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
