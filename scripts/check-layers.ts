import { globSync, readFileSync } from 'node:fs';
import { findForbiddenImports, layers } from './layers.ts';

const packages = new URL('../packages/', import.meta.url).pathname;
const files = globSync('*/src/**/*.ts', { cwd: packages }).map((path) => ({
  path,
  text: readFileSync(packages + path, 'utf8'),
}));
const rooms = new Set(files.map(({ path }) => path.slice(0, path.indexOf('/'))));
const unknown = [...rooms].filter((room) => !(room in layers));
const problems = [
  ...unknown.map((room) => `packages/${room} has no place in scripts/layers.ts`),
  ...findForbiddenImports(files),
];
for (const problem of problems) console.error(problem);
console.log(`layers: ${files.length} files, ${problems.length} forbidden imports`);
process.exitCode = problems.length > 0 ? 1 : 0;
