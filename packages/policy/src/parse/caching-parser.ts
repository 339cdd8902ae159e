import type { Policy } from '../model.ts';
import { parsePolicy } from './parse-policy.ts';

export interface CachingParserOptions {
  /** How many policies are kept at most; 1,000 if not given. */
  readonly entries?: number;
  /** How many characters of their texts are kept at most; 8 million if not given. */
  readonly characters?: number;
}

/**
 * A `parsePolicy` that parses the same document once, for a stream of cases in which the
 * same policies occur again and again. It remembers two generations: when the recent
 * one is half of what may be kept, the older one is forgotten, and with it whatever
 * was not used since. So its memory is bounded however long the stream, and a policy
 * that is found costs no bookkeeping.
 */
export function cachingParser(options: CachingParserOptions = {}): typeof parsePolicy {
  const { entries = 1000, characters = 8_000_000 } = options;
  let recent = new Map<string, Policy>();
  let older = new Map<string, Policy>();
  let size = 0;
  return (document, { name, type }) => {
    const text = textOf(document);
    if (text === null) return parsePolicy(document, { name, type });
    const key = `${type} ${name} ${text}`;
    const found = recent.get(key);
    if (found) return found;
    const policy = older.get(key) ?? parsePolicy(document, { name, type });
    recent.set(key, policy);
    size += key.length;
    if (recent.size >= entries / 2 || size >= characters / 2) {
      older = recent;
      recent = new Map();
      size = 0;
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
