import { compileGlob } from './glob.ts';

/**
 * Whether `text` matches an IAM pattern: `*` stands for any run of characters,
 * also none, and `?` for exactly one. Case-sensitive.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  return compileGlob([{ text: pattern, literal: false }])(text);
}
