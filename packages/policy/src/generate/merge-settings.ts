import { PolicySyntaxError } from '../parse/policy-syntax-error.ts';
import type { CorsConfiguration, LifecycleConfiguration } from './bucket-settings.ts';
import { readDocument, writeDocument } from './json-document.ts';
import { mergeNamed } from './merge-named.ts';
import type { Merged } from './merge-policy.ts';
import { PolicyInputError } from './policy-input-error.ts';

/**
 * Adds our rules to a CORS configuration, known by their ID, and touches no other: S3
 * answers a browser by the first rule that fits, so that ours, which are added at the
 * end, never take the place of one that is there.
 *
 * @param existing As `aws s3api get-bucket-cors` prints it, or null for none.
 * @throws PolicySyntaxError if the existing one is malformed
 * @throws PolicyInputError if there would be more than 100 rules
 */
export function mergeCors(existing: string | object | null, ours: CorsConfiguration): Merged {
  const target = { name: 'CORS configuration', list: 'CORSRules', most: 100 };
  return mergeRules(existing, ours.CORSRules, target);
}

/**
 * The same for lifecycle rules, of which a bucket has at most 1,000. Putting a
 * configuration replaces the whole of the old one, which is why it must be merged.
 */
export function mergeLifecycle(
  existing: string | object | null,
  ours: LifecycleConfiguration,
): Merged {
  const target = { name: 'lifecycle configuration', list: 'Rules', most: 1000 };
  return mergeRules(existing, ours.Rules, target);
}

interface Target {
  readonly name: string;
  readonly list: string;
  readonly most: number;
}

function mergeRules(
  existing: string | object | null,
  ours: readonly object[],
  { name, list, most }: Target,
): Merged {
  const theirs = readDocument(existing, `the existing ${name}`);
  const rules = theirs?.[list] ?? [];
  const isRule = (rule: unknown) => typeof rule === 'object' && rule !== null;
  if ((theirs && !theirs[list]) || !Array.isArray(rules) || !rules.every(isRule)) {
    const hint = `Give it as the AWS CLI prints it: {"${list}": [{...}]}`;
    throw new PolicySyntaxError(`the existing ${name}`, { path: list }, 'found no rules', hint);
  }
  const { items, added, replaced, unchanged } = mergeNamed(rules, ours, 'ID');
  if (items.length > most) {
    throw new PolicyInputError(
      'existing',
      `would become a ${name} of ${items.length} rules, and S3 accepts ${most}`,
      'Remove rules that are no longer needed',
    );
  }
  const report = { added, replaced, unchanged };
  if (theirs && added.length + replaced.length === 0) {
    const text = typeof existing === 'string' ? existing : writeDocument(theirs, existing);
    return { document: theirs, text, ...report };
  }
  const document = { ...theirs, [list]: items };
  return { document, text: writeDocument(document, existing), ...report };
}
