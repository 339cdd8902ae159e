/** AWS's own words, made safe to show: no control characters, no key ids, a bounded length. */
export function safeWords(message: string, longest: number): string {
  return message
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{8,}/g, '$1…')
    .slice(0, longest);
}
