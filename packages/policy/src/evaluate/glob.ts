import {
  anyOne,
  anyOneInPart,
  anyRun,
  anyRunInPart,
  compileBits,
  type GlobBits,
  isRun,
  matchesBits,
} from './glob-bits.ts';

/** Part of a pattern: as the policy has it, or put in for a variable and so literal. */
export interface GlobPiece {
  readonly text: string;
  readonly literal: boolean;
  /** Part of an ARN before its last: the wildcards do not pass a colon. */
  readonly inPart?: boolean;
}

/** Whether a text matches the pattern it was made from. */
export type Glob = (text: string) => boolean;

/**
 * Makes a pattern ready to be matched: `*` stands for any run of characters, also none,
 * and `?` for exactly one. Case-sensitive; a character beyond the basic plane counts as one.
 *
 * No pattern is slow: of two texts of 10,000 characters the worst take some milliseconds.
 */
export function compileGlob(pieces: readonly GlobPiece[]): Glob {
  const [only] = pieces;
  if (pieces.length === 1 && only && !only.literal && !only.inPart) return compileText(only.text);
  return compileTokens(tokensOf(pieces));
}

function compileText(pattern: string): Glob {
  const first = pattern.search(/[*?]/);
  if (first < 0) return (text) => text === pattern;
  // By far the most patterns are of this form.
  if (pattern[first] === '*' && first === pattern.length - 1) {
    return first === 0 ? () => true : startsWith(pattern.slice(0, first));
  }
  const bySearch = pattern.includes('?') ? null : compileSegments(pattern.split(/\*+/));
  return bySearch ?? compileTokens(tokensOf([{ text: pattern, literal: false }]));
}

function startsWith(start: string): Glob {
  return (text) => text.startsWith(start);
}

/** Longer ones can make even the engine's own search slow, if text and segment are alike enough. */
const longestSegment = 64;

/** A pattern of which only runs are open, by the texts between them; null if one is too long to search for. */
function compileSegments(segments: readonly string[]): Glob | null {
  if (segments.some((segment) => segment.length > longestSegment)) return null;
  const start = segments[0] ?? '';
  const end = segments.at(-1) ?? '';
  const inner = segments.slice(1, -1);
  return (text) => {
    const last = text.length - end.length;
    if (last < start.length || !text.startsWith(start) || !text.endsWith(end)) return false;
    let from = start.length;
    for (const segment of inner) {
      // The first place is the best: it leaves the most text for what follows.
      const found = text.indexOf(segment, from);
      if (found < 0) return false;
      from = found + segment.length;
    }
    return from <= last;
  };
}

/** Code points, and the two wildcards as negative numbers; of several asterisks in a row one. */
export function tokensOf(pieces: readonly GlobPiece[]): Int32Array {
  const tokens = new Int32Array(pieces.reduce((sum, { text }) => sum + text.length, 0));
  let count = 0;
  for (const { text, literal, inPart = false } of pieces) {
    for (const char of text) {
      const token = literal ? codeOf(char) : tokenOf(char, inPart);
      if (!isRun(token) || tokens[count - 1] !== token) tokens[count++] = token;
    }
  }
  return tokens.subarray(0, count);
}

function tokenOf(char: string, inPart: boolean): number {
  if (char === '*') return inPart ? anyRunInPart : anyRun;
  if (char === '?') return inPart ? anyOneInPart : anyOne;
  return codeOf(char);
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

/** Up to here the simple way is the faster one, even where it has to try again and again. */
const smallProduct = 1 << 12;

function compileTokens(tokens: Int32Array): Glob {
  const least = tokens.reduce((sum, token) => (token === anyRun ? sum : sum + 1), 0);
  const hasParts = tokens.some((token) => token === anyOneInPart || token === anyRunInPart);
  let bits: GlobBits | null = null;
  return (text) => {
    // A character has one unit or two.
    if (text.length < least) return false;
    if (!hasParts && tokens.length * text.length <= smallProduct)
      return matchesBySteps(tokens, text);
    bits ??= compileBits([tokens]);
    return matchesBits(bits, text);
  };
}

const surrogates = /[\ud800-\udfff]/;

function matchesBySteps(tokens: Int32Array, text: string): boolean {
  const codes = surrogates.test(text) ? Array.from(text, codeOf) : null;
  const length = codes ? codes.length : text.length;
  let token = 0;
  let index = 0;
  let lastRun = -1;
  let runEnd = 0;
  while (index < length) {
    const wanted = tokens[token];
    const found = codes ? codes[index] : text.charCodeAt(index);
    if (wanted === anyRun) {
      lastRun = token++;
      runEnd = index;
    } else if (wanted === anyOne || wanted === found) {
      token++;
      index++;
    } else if (lastRun >= 0) {
      // Only the last run can need to grow: earlier ones already took the shortest match,
      // which leaves the most text for what follows. So there is no blow-up.
      token = lastRun + 1;
      index = ++runEnd;
    } else {
      return false;
    }
  }
  while (tokens[token] === anyRun) token++;
  return token === tokens.length;
}
