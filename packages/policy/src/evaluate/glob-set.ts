import { compileGlob, type Glob, type GlobPiece, tokensOf } from './glob.ts';
import { compileBits, type GlobBits, matchesBits } from './glob-bits.ts';

/** A pattern among others, for what is given as a text or with more than its text. */
export interface Candidate<Given> {
  readonly pieces: readonly GlobPiece[];
  readonly matches: (given: Given) => boolean;
}

/** Easy patterns, and hard ones for so short a text, are faster one by one. */
const mostEasy = 32;
const mostHard = 16;
const quickProduct = 1 << 12;

/**
 * Whether any of some patterns matches. Many patterns, or long texts, are not matched one by one
 * but all in one pass, so that it takes steps by the product of the text's length and that of all
 * patterns together, divided by 32, whether the policy has few long patterns or many short ones.
 */
export function compileAny<Given>(
  candidates: readonly Candidate<Given>[],
  textOf: (given: Given) => string,
): (given: Given) => boolean {
  const [only] = candidates;
  if (candidates.length === 1 && only) return only.matches;
  const allEasy = candidates.filter(({ pieces }) => isEasy(pieces));
  const easy = allEasy.length <= mostEasy ? allEasy : [];
  const hard = candidates.filter((each) => !easy.includes(each));
  const weight = hard.reduce((sum, { pieces }) => sum + lengthOf(pieces), 0);
  let bits: GlobBits | null = null;
  return (given) => {
    for (const { matches } of easy) if (matches(given)) return true;
    if (hard.length === 0) return false;
    const text = textOf(given);
    const isQuick = hard.length <= mostHard && weight * text.length <= quickProduct;
    if (hard.length === 1 || isQuick) return hard.some(({ matches }) => matches(given));
    bits ??= compileBits(hard.map(({ pieces }) => tokensOf(pieces)));
    return matchesBits(bits, text);
  };
}

/** Whether a text matches any of some patterns. */
export function compileGlobs(patterns: readonly (readonly GlobPiece[])[]): Glob {
  const ready = patterns.length <= mostHard;
  const candidates = patterns.map((pieces) => ({
    pieces,
    matches: ready ? compileGlob(pieces) : once(() => compileGlob(pieces)),
  }));
  return compileAny(candidates, (text: string) => text);
}

/** A matcher that is made when it is first asked: of many patterns most never are by themselves. */
function once(make: () => Glob): Glob {
  let made: Glob | null = null;
  return (text) => {
    made ??= make();
    return made(text);
  };
}

/** Without wildcards but for a run at the end, so that the text is compared once at most. */
function isEasy(pieces: readonly GlobPiece[]): boolean {
  return pieces.every(({ text, literal }, index) => {
    const wildcard = literal ? -1 : text.search(/[*?]/);
    const isEnd = index === pieces.length - 1 && wildcard === text.length - 1;
    return wildcard < 0 || (isEnd && text[wildcard] === '*');
  });
}

function lengthOf(pieces: readonly GlobPiece[]): number {
  return pieces.reduce((sum, { text }) => sum + text.length, 0);
}
