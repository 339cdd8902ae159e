/**
 * Which room may use which (ARCHITECTURE.md draws it). Tests may also use
 * `sandbox`, and nothing else that is not listed.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  policy: [],
  objectstore: ['contract'],
  engine: ['contract'],
  connections: ['contract', 'policy', 'objectstore'],
  delivery: ['contract', 'policy', 'objectstore', 'engine'],
  store: ['contract', 'connections', 'delivery'],
  server: ['contract', 'policy', 'objectstore', 'engine', 'connections', 'delivery', 'store'],
  sdk: ['contract', 'policy'],
  cli: ['contract', 'policy', 'sdk'],
  sandbox: ['policy'],
};

/**
 * Folders and files of `cli` that start or stand in for a part of the system, and
 * therefore may use it: the rest of the command line knows the contract only.
 */
export const startsThings: Readonly<Record<string, readonly string[]>> = {
  'cli/src/start/': ['server', 'store', 'sandbox', 'engine', 'objectstore', 'delivery'],
  'cli/src/verify/': ['delivery', 'engine', 'objectstore', 'server'],
};

export interface SourceFile {
  /** From `packages/`, such as `cli/src/main.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every import that the layers forbid, as a sentence. */
export function findForbiddenImports(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const allowed = allowedIn(file.path);
    return importsOf(file.text)
      .filter((room) => !allowed.has(room))
      .map((room) => `packages/${file.path} may not import @causeway/${room}`);
  });
}

function allowedIn(path: string): ReadonlySet<string> {
  const room = path.slice(0, path.indexOf('/'));
  const special = Object.entries(startsThings).filter(([start]) => path.startsWith(start));
  return new Set([
    room,
    ...(layers[room] ?? []),
    ...special.flatMap(([, rooms]) => rooms),
    ...(isTest(path) ? ['sandbox'] : []),
  ]);
}

function isTest(path: string): boolean {
  return /\.test\.ts$|\/testing\//.test(path);
}

/** Static, dynamic and type imports, and re-exports. */
function importsOf(text: string): string[] {
  const pattern = /(?:from|import)\s*\(?\s*['"]@causeway\/([a-z]+)(?:\/[a-z-]+)?['"]/g;
  return Array.from(text.matchAll(pattern), (match) => match[1] ?? '');
}
