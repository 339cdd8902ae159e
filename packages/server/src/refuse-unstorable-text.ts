import { CausewayError } from '@causeway/contract';

/**
 * Refuses texts that PostgreSQL cannot hold: those with a U+0000, and those with
 * half a surrogate pair, which would come back as other texts.
 *
 * @throws CausewayError `invalid_request` naming every such field.
 */
export function refuseUnstorableText(input: unknown): void {
  const issues = findIssues(input, '');
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

function findIssues(value: unknown, path: string): Issue[] {
  if (typeof value === 'string') {
    const issue = issueOf(value);
    return issue === null ? [] : [{ path, message: issue }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const issue = issueOf(key);
    if (issue !== null) return [{ path, message: `has a key that ${issue}` }];
    return findIssues(member, path === '' ? key : `${path}.${key}`);
  });
}

function issueOf(text: string): string | null {
  if (text.includes('\u0000')) return 'must not contain the character U+0000';
  return text.isWellFormed() ? null : 'must be well-formed Unicode';
}
