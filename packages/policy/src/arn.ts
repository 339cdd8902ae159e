import type { Resolved } from './policy-variables.ts';

/** `arn`, partition, service, region, account and the rest, in which colons are plain text. */
export type ArnParts = readonly [string, string, string, string, string, string];

/** Splits an ARN, or a pattern for ARNs, at its first five colons; null if it has fewer. */
export function splitArn(text: string): ArnParts | null {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let index = 0; index < text.length && parts.length < 5; index++) {
    // A colon inside `${aws:username}` belongs to the variable.
    if (text.startsWith('${', index)) depth++;
    else if (text[index] === '}' && depth > 0) depth--;
    else if (text[index] === ':' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  const [scheme, partition, service, region, account] = parts;
  if (scheme !== 'arn' || partition === undefined || service === undefined) return null;
  if (region === undefined || account === undefined) return null;
  return [scheme, partition, service, region, account, text.slice(start)];
}

/** Whether every part of `text` matches the same part of `pattern`; `*` alone matches all. */
export function matchesArn(
  pattern: string,
  text: string,
  resolve: (part: string, index: number) => Resolved | null,
): boolean {
  if (/^\*+$/.test(pattern)) return true;
  const wanted = splitArn(pattern);
  const found = splitArn(text);
  if (!wanted || !found) return false;
  return wanted.every((part, index) => resolve(part, index)?.matches(found[index] ?? '') ?? false);
}
