import { readFileSync } from 'node:fs';

/** The version of this package, from its package file: the same beside `src` and beside `dist`. */
export const version: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;
