import type { Policy } from '../model.ts';
import { compileGlob, type Glob, type GlobPiece } from './glob.ts';
import { compileGlobs } from './glob-set.ts';

/** Condition keys in lower case with the values of this request. */
export type ContextKeys = ReadonlyMap<string, string | readonly string[]>;

/** A pattern of a policy in which the variables have their values. */
export interface Resolved {
  /** The whole as plain text, for operators without wildcards. */
  readonly text: string;
  readonly pieces: readonly GlobPiece[];
  readonly matches: Glob;
}

/** Null when a variable has neither a value nor a default: then nothing equals or resembles the pattern. */
export type Template = (context: ContextKeys) => Resolved | null;

/**
 * Makes a pattern with policy variables ready.
 *
 * Wildcards in a value are literal: only the policy's author writes patterns.
 * Policies of version 2008-10-17 have no variables, `${...}` is text there.
 */
export function compileTemplate(pattern: string, version: Policy['version']): Template {
  const parts = version === '2008-10-17' ? [pattern] : splitVariables(pattern);
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') {
    const pieces = [{ text: only, literal: false }];
    const resolved = { text: only, pieces, matches: compileGlob(pieces) };
    return () => resolved;
  }
  return (context) => resolve(parts, context);
}

/** Makes patterns ready of which any may match. */
export function compileTemplates(
  patterns: readonly string[],
  version: Policy['version'],
): (found: string, context: ContextKeys) => boolean {
  const isPlain = (pattern: string) => version === '2008-10-17' || !pattern.includes('${');
  const plain = patterns.filter(isPlain).map((text) => [{ text, literal: false }]);
  const matchesPlain = compileGlobs(plain);
  const open = patterns
    .filter((pattern) => !isPlain(pattern))
    .map((pattern) => compileTemplate(pattern, version));
  if (open.length === 0) return matchesPlain;
  return (found, context) => {
    if (matchesPlain(found)) return true;
    const resolved = open.flatMap((template) => template(context) ?? []);
    const fitting = resolved.flatMap(({ pieces }) => (couldFit(pieces, found) ? [pieces] : []));
    return compileGlobs(fitting)(found);
  };
}

interface Variable {
  readonly key: string;
  readonly preset: string | null;
}

/** The text between the variables, and the variables. */
function splitVariables(pattern: string): readonly (string | Variable)[] {
  const parts: (string | Variable)[] = [];
  let end = 0;
  for (;;) {
    const start = pattern.indexOf('${', end);
    const close = start < 0 ? -1 : pattern.indexOf('}', start);
    if (close < 0) break;
    parts.push(pattern.slice(end, start), readVariable(pattern.slice(start + 2, close)));
    end = close + 1;
  }
  return [...parts, pattern.slice(end)];
}

function readVariable(expression: string): Variable {
  if (/^[*?$]$/.test(expression)) return { key: '', preset: expression };
  const parts = /^\s*([^\s,]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression);
  return { key: (parts?.[1] ?? '').toLowerCase(), preset: parts?.[2] ?? null };
}

function resolve(parts: readonly (string | Variable)[], context: ContextKeys): Resolved | null {
  const pieces: GlobPiece[] = [];
  for (const part of parts) {
    if (typeof part === 'string') {
      pieces.push({ text: part, literal: false });
      continue;
    }
    const value = part.key === '' ? undefined : context.get(part.key);
    // A multivalued key has no one value to put in.
    const text = typeof value === 'string' ? value : part.preset;
    if (text === null) return null;
    pieces.push({ text, literal: true });
  }
  return {
    text: pieces.map((piece) => piece.text).join(''),
    pieces,
    matches: (text) => couldFit(pieces, text) && compileGlob(pieces)(text),
  };
}

/** Many variables of long values make a pattern far longer than any text: such a one is not even read. */
export function couldFit(pieces: readonly GlobPiece[], text: string): boolean {
  // A character has one or two units.
  const least = pieces.reduce((sum, piece) => sum + (piece.literal ? piece.text.length / 2 : 0), 0);
  return least <= text.length;
}
