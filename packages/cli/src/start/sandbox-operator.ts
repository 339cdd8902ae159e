import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type AccessKey, createOperator } from '@causeway/sandbox/clients';

/** The operator's user in the sandbox, made on the first start and kept, with its key, in `file`. */
export async function sandboxOperator(endpoint: string, file: string): Promise<AccessKey> {
  const kept = await readKept(file);
  if (kept && (await isKnown(endpoint, kept))) return kept;
  const made = await createOperator(endpoint);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

async function readKept(file: string): Promise<AccessKey | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as AccessKey;
  } catch {
    return null;
  }
}

async function isKnown(endpoint: string, credentials: AccessKey): Promise<boolean> {
  const sts = new STSClient({ endpoint, region: 'us-east-1', credentials });
  return sts.send(new GetCallerIdentityCommand({})).then(
    () => true,
    () => false,
  );
}
