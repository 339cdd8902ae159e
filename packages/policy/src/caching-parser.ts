import type { Policy } from './model.ts';
import { parsePolicy } from './parse-policy.ts';

export interface CachingParserOptions {
  /** How many policies are kept at most; 1,000 if not given. */
  readonly entries?: number;
  /** How many characters of their texts are kept at most; 8 million if not given. */
  readonly characters?: number;
}

/**
 * A `parsePolicy` that parses the same document once, for a stream of cases in which the
 * same policies occur again and again. What was not used for longest is forgotten
 * first, so that its memory is bounded however long the stream.
 */
export function cachingParser(options: CachingParserOptions = {}): typeof parsePolicy {
  const { entries = 1000, characters = 8_000_000 } = options;
  const kept = new Map<string, Policy>();
  let size = 0;
  return (document, { name, type }) => {
    const text = textOf(document);
    if (text === null) return parsePolicy(document, { name, type });
    const key = `${type} ${name} ${text}`;
    const known = kept.get(key);
    // A map remembers the order in which its keys came: this one comes last again.
    if (known) kept.delete(key);
    const policy = known ?? parsePolicy(document, { name, type });
    kept.set(key, policy);
    if (known) return policy;
    size += key.length;
    for (const oldest of kept.keys()) {
      if (kept.size <= entries && size <= characters) break;
      kept.delete(oldest);
      size -= oldest.length;
    }
    return policy;
  };
}

/** Positions of mistakes are only known in text, so that an object and its text are two documents. */
function textOf(document: string | object): string | null {
  if (typeof document === 'string') return `text ${document}`;
  try {
    return JSON.stringify(document);
  } catch {
    // What JSON cannot hold is for the parser to refuse.
    return null;
  }
}
