/** One character of a pattern: itself, any one character, or any run of characters. */
export type PatternToken = string | typeof anyOne | typeof anyRun;

const anyOne = Symbol('?');
const anyRun = Symbol('*');

/**
 * Whether `text` matches an IAM pattern: `*` stands for any run of characters,
 * also none, and `?` for exactly one. Case-sensitive. Time grows with the product
 * of the two lengths at worst, whatever the pattern.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  if (!/[*?]/.test(pattern)) return pattern === text;
  return matchesTokens(patternTokens(pattern), text);
}

/** Splits pattern text; characters beyond the basic plane count as one. */
export function patternTokens(pattern: string): PatternToken[] {
  return Array.from(pattern, (char) => (char === '*' ? anyRun : char === '?' ? anyOne : char));
}

/** As {@link matchesPattern}, for tokens; a `*` that came as a plain string is a literal asterisk. */
export function matchesTokens(tokens: readonly PatternToken[], text: string): boolean {
  const chars = Array.from(text);
  let token = 0;
  let char = 0;
  let lastRun = -1;
  let runEnd = 0;
  while (char < chars.length) {
    if (tokens[token] === anyRun) {
      lastRun = token++;
      runEnd = char;
    } else if (tokens[token] === anyOne || tokens[token] === chars[char]) {
      token++;
      char++;
    } else if (lastRun >= 0) {
      // Only the last run can need to grow: earlier ones already took the shortest match,
      // which leaves the most text for what follows. So there is no blow-up.
      token = lastRun + 1;
      char = ++runEnd;
    } else {
      return false;
    }
  }
  while (tokens[token] === anyRun) token++;
  return token === tokens.length;
}
