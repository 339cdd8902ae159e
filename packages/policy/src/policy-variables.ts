import { matchesTokens, type PatternToken, patternTokens } from './matches-pattern.ts';
import type { Policy } from './model.ts';

/** Condition keys in lower case with the values of this request. */
export type ContextKeys = ReadonlyMap<string, string | readonly string[]>;

/** Part of a resolved pattern: as the policy has it, or put in for a variable and literal. */
interface Piece {
  readonly text: string;
  readonly literal: boolean;
}

/** A pattern of a policy in which the variables have their values. */
export interface Resolved {
  /** The whole as plain text, for operators without wildcards. */
  readonly text: string;
  readonly matches: (text: string) => boolean;
}

/**
 * Puts the values of policy variables into a pattern; null when one has neither a
 * value nor a default, in which case nothing equals or resembles the pattern.
 *
 * Wildcards in a value are literal: only the policy's author writes patterns.
 * Policies of version 2008-10-17 have no variables, `${...}` is text there.
 */
export function resolveVariables(
  pattern: string,
  version: Policy['version'],
  context: ContextKeys,
): Resolved | null {
  if (version === '2008-10-17' || !pattern.includes('${')) {
    return resolved([{ text: pattern, literal: false }]);
  }
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of pattern.matchAll(/\$\{([^}]*)\}/g)) {
    const value = variableValue(match[1] ?? '', context);
    if (value === null) return null;
    pieces.push({ text: pattern.slice(end, match.index), literal: false });
    pieces.push({ text: value, literal: true });
    end = match.index + match[0].length;
  }
  pieces.push({ text: pattern.slice(end), literal: false });
  return resolved(pieces);
}

function variableValue(expression: string, context: ContextKeys): string | null {
  if (expression === '*' || expression === '?' || expression === '$') return expression;
  const parts = /^\s*([^\s,]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression);
  const value = context.get((parts?.[1] ?? '').toLowerCase());
  // A multivalued key has no one value to put in.
  return typeof value === 'string' ? value : (parts?.[2] ?? null);
}

function resolved(pieces: readonly Piece[]): Resolved {
  return {
    text: pieces.map((piece) => piece.text).join(''),
    matches: (text) => matchesTokens(pieces.flatMap(tokensOf), text),
  };
}

function tokensOf(piece: Piece): PatternToken[] {
  return piece.literal ? Array.from(piece.text) : patternTokens(piece.text);
}
