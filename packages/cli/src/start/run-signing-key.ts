import { loadSigningKey, parseConfiguration, rotateSigningKey } from '@causeway/server';
import { toJson } from '../terminal/table.ts';

/** Prints the public keys of the signing key file. */
export async function runShowSigningKey(): Promise<void> {
  const { publicKeys } = await loadSigningKey(parseConfiguration(process.env));
  console.log(toJson(publicKeys));
}

/** Puts a new key into the signing key file, and prints the public keys. */
export async function runRotateSigningKey(): Promise<void> {
  const { publicKeys } = await rotateSigningKey(parseConfiguration(process.env));
  console.log(toJson(publicKeys));
}
