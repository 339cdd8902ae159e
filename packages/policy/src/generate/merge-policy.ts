import type { PolicyDocument, PolicyKind, StatementDocument } from '../model.ts';
import { parsePolicy } from '../parse/parse-policy.ts';
import { utf8Length } from '../parse/policy-size.ts';
import { type JsonObject, readDocument, writeDocument } from './json-document.ts';
import { mergeNamed } from './merge-named.ts';
import { PolicyInputError } from './policy-input-error.ts';

/** What became of a document. */
export interface Merged {
  /** The whole new document. */
  readonly document: JsonObject;
  /** The same as text, indented as the existing one was; that very text if nothing changed. */
  readonly text: string;
  /** By Sid or ID, as are the next two. */
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Adds Causeway's statements to a bucket policy and touches nothing else: every other
 * statement stays as it is and where it is, and so do Id and Version. Statements are
 * known by their Sid: one that is there already is replaced in its place, so that
 * merging twice is the same as once.
 *
 * The version rises to 2012-10-17 only when ours need it, and never when that would
 * give meaning to a `${...}` of another statement.
 *
 * @param existing Text (then mistakes have line and column), an object, or null for none.
 * @throws PolicySyntaxError if the existing policy is not one that AWS would accept.
 * @throws PolicyInputError if the merged one would not be: longer than 20 KB, or in need of both versions.
 */
export function mergeBucketPolicy(existing: string | object | null, ours: PolicyDocument): Merged {
  return mergePolicy(existing, ours, { type: 'resource', name: 'bucket policy', bytes: 20_480 });
}

/**
 * The same for the policy of a KMS key, which may have 32 KB.
 * https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
 */
export function mergeKeyPolicy(existing: string | object | null, ours: PolicyDocument): Merged {
  return mergePolicy(existing, ours, { type: 'key', name: 'key policy', bytes: 32_768 });
}

interface Target {
  readonly type: PolicyKind;
  readonly name: string;
  readonly bytes: number;
}

function mergePolicy(existing: string | object | null, ours: PolicyDocument, target: Target) {
  const name = `the existing ${target.name}`;
  const theirs = readDocument(existing, name);
  if (theirs && existing !== null) parsePolicy(existing, { name, type: target.type });
  const written = theirs?.['Statement'] ?? [];
  const statements = Array.isArray(written) ? written : [written];
  const merged = mergeNamed(statements, ours.Statement, 'Sid');
  const { added, replaced, unchanged } = merged;
  const report = { added, replaced, unchanged };
  if (theirs && added.length + replaced.length === 0) {
    const text = typeof existing === 'string' ? existing : writeDocument(theirs, existing);
    return { document: theirs, text, ...report };
  }
  const version = theirs ? versionFor(theirs, merged.others, ours.Statement) : {};
  const document = theirs
    ? { ...version, ...theirs, ...version, Statement: merged.items }
    : { ...ours };
  return { document, text: withinLimit(document, existing, target), ...report };
}

function versionFor(
  theirs: JsonObject,
  others: readonly unknown[],
  ours: readonly StatementDocument[],
): { Version?: '2012-10-17' } {
  const hasVariable = (value: unknown) => JSON.stringify(value).includes('${');
  if (theirs['Version'] === '2012-10-17' || !hasVariable(ours)) return {};
  if (!hasVariable(others)) return { Version: '2012-10-17' };
  throw new PolicyInputError(
    'existing',
    'is of version 2008-10-17 and has "${" as plain text, and what is added needs version 2012-10-17, in which that would be a variable',
    'Raise the version by hand, and rewrite those texts for it',
  );
}

/** Compact if that alone keeps it within AWS's limit. */
function withinLimit(
  document: object,
  like: string | object | null,
  { name, bytes }: Target,
): string {
  const text = writeDocument(document, like);
  if (utf8Length(text) <= bytes) return text;
  const compact = JSON.stringify(document);
  const size = utf8Length(compact);
  if (size <= bytes) return compact;
  throw new PolicyInputError(
    'existing',
    `would become a ${name} of ${size} bytes, and AWS accepts ${bytes}`,
    'Shorten the existing one, for example by merging statements that differ in one element only',
  );
}
