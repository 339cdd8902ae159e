export function hasWildcards(text: string): boolean {
  return /[*?]/.test(text);
}

/** A pattern as the source of a regular expression: `*` and `?` stay within a segment. */
export function expressionOf(pattern: string): string {
  const parts = [...pattern].map((character) => {
    if (character === '*') return '[^/]*';
    return character === '?' ? '[^/]' : character.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return parts.join('');
}
