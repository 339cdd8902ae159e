import { CausewayError } from '@causeway/contract';

/**
 * Refuses texts that PostgreSQL cannot hold: those with a U+0000, and those with
 * half a surrogate pair, which would come back as other texts. Refuses what is nested
 * deeper than any input of ours, too, before something that recurses meets it.
 *
 * @throws CausewayError `invalid_request` naming every such field.
 */
export function refuseUnstorableText(input: unknown): void {
  const issues = findIssues(input, []);
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

const deepest = 32;

function findIssues(value: unknown, path: readonly string[]): Issue[] {
  if (typeof value === 'string') return issueAt(path, unstorable(value));
  if (typeof value !== 'object' || value === null) return [];
  if (path.length >= deepest) return issueAt(path.slice(0, 1), 'is nested too deeply');
  return Object.entries(value).flatMap(([key, member]) => {
    const issue = unstorable(key);
    if (issue !== null) return issueAt(path, `has a key that ${issue}`);
    return findIssues(member, [...path, key]);
  });
}

function issueAt(path: readonly string[], message: string | null): Issue[] {
  return message === null ? [] : [{ path: path.join('.'), message }];
}

/** Why PostgreSQL cannot hold a text, or null. */
export function unstorable(text: string): string | null {
  if (text.includes('\u0000')) return 'must not contain the character U+0000';
  return text.isWellFormed() ? null : 'must be well-formed Unicode';
}
