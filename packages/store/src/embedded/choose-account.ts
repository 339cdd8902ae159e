import { chmod, chown, readdir, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { CausewayError } from '@causeway/contract';
import type { Account } from './spawn-tied.ts';

const nobody = 65_534;

interface Places {
  readonly dataDir: string;
  /** The folder that PostgreSQL's files are in, if it exists already. */
  readonly clusterDir: string;
  readonly binary: string;
}

/**
 * Decides who PostgreSQL runs as: it refuses to run as root.
 *
 * - An ordinary user runs it as itself.
 * - Root runs it as the owner of the existing files, or as "nobody".
 * - Where that user cannot reach the files (below root's own home, say), and where the
 *   own user id has no name, it runs in a user namespace of its own, in which it sees
 *   itself as "nobody" while the files stay ours.
 *
 * Gives the existing files to the account chosen.
 */
export async function chooseAccount(places: Places): Promise<Account> {
  const ownUid = process.getuid?.() ?? 0;
  if (ownUid !== 0) {
    await refuseForeignFiles(places.clusterDir, ownUid);
    if (hasName()) return { uid: null, gid: null, prefix: [], remark: null };
    return inUserNamespace(`user id ${ownUid} has no name on this system`);
  }
  const owner = await stat(places.clusterDir).catch(() => null);
  const uid = owner?.uid || (await unprivilegedUid());
  const gid = owner?.uid ? owner.gid : uid;
  const barrier = await findBarrier(uid, gid, places);
  if (barrier !== null) {
    await giveTo(0, 0, places.clusterDir);
    return inUserNamespace(
      `PostgreSQL refuses to run as root, and user id ${uid} may not enter "${barrier}"`,
    );
  }
  const { mode, uid: folderOwner } = await stat(places.dataDir);
  if (folderOwner !== uid) await chmod(places.dataDir, (mode & 0o777) | 0o011);
  await giveTo(uid, gid, places.clusterDir);
  return { uid, gid, prefix: [], remark: null };
}

async function refuseForeignFiles(clusterDir: string, ownUid: number): Promise<void> {
  const found = await stat(clusterDir).catch(() => null);
  if (!found || found.uid === ownUid) return;
  throw new CausewayError('postgres_not_startable', {
    reason: `"${clusterDir}" belongs to user id ${found.uid}, and this process runs as ${ownUid}`,
  });
}

/** initdb refuses a user id that the system has no name for, as containers often have. */
function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

async function inUserNamespace(remark: string): Promise<Account> {
  const uid = await unprivilegedUid();
  const prefix = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${uid}`];
  return { uid: null, gid: null, prefix, remark };
}

async function unprivilegedUid(): Promise<number> {
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const uids = [...accounts.matchAll(/^[^:#]+:[^:]*:(\d+):/gm)].map((match) => Number(match[1]));
  return uids.includes(nobody) ? nobody : (uids.find((uid) => uid > 0) ?? nobody);
}

/** The first folder above the data folder or the binary that does not let the user pass. */
async function findBarrier(uid: number, gid: number, places: Places): Promise<string | null> {
  for (const start of [places.dataDir, places.binary]) {
    for (let folder = dirname(start); ; folder = dirname(folder)) {
      const found = await stat(folder);
      const bit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001;
      if ((found.mode & bit) === 0) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return null;
}

async function giveTo(uid: number, gid: number, folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (!found || found.uid === uid) return;
  const names = await readdir(folder, { recursive: true });
  for (const name of names) await chown(join(folder, name), uid, gid);
  // The folder itself last: an interruption leaves it to be done again.
  await chown(folder, uid, gid);
}
