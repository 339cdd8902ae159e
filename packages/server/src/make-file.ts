import { access, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomDigits } from '@causeway/contract';

/**
 * Makes a file for its owner alone, unless it is there: of several processes at once
 * all find the same afterwards. It is written and synced under another name first, so
 * that nobody ever reads half of it.
 */
export async function makeFileUnlessThere(file: string, content: () => string): Promise<void> {
  if (await fileExists(file)) return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await withDraft(file, content(), (draft) =>
    link(draft, file).catch((error: unknown) => {
      if (!isFileError(error) || error.code !== 'EEXIST') throw error;
    }),
  );
}

/** Puts another content into a file of its owner alone: readers find the old or the new. */
export function replaceFile(file: string, content: string): Promise<void> {
  return withDraft(file, content, (draft) => rename(draft, file));
}

/** Written and synced under a name of its own, which is gone afterwards. */
async function withDraft(
  file: string,
  content: string,
  use: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${file}.${randomDigits(12)}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await use(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

/** @throws what the file system says, unless it is that there is none. */
export async function fileExists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}

export function isFileError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
