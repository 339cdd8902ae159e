import { randomUUID } from 'node:crypto';
import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../../http/read-xml.ts';
import type { LifecycleRule } from '../../state/lifecycle-records.ts';
import { malformedXml } from '../s3-error.ts';
import { checkRule } from './check-rule.ts';
import { readFilter } from './read-filter.ts';
import {
  invalidArgument,
  readCountOf,
  readNoncurrentTime,
  readStorageClass,
  readTime,
} from './read-time.ts';

const maxRules = 1000;
const maxIdLength = 255;

/**
 * Reads a lifecycle configuration.
 *
 * @throws AwsError `MalformedXML`, `InvalidArgument` or `InvalidRequest`, as S3 tells them apart.
 */
export function readRules(document: string): readonly LifecycleRule[] {
  const tree = readXml(document, 'LifecycleConfiguration');
  const trees = tree ? treesOf(tree, 'Rule') : [];
  if (trees.length === 0 || trees.length > maxRules) throw malformedXml();
  const rules = trees.map(readRule);
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule');
  }
  for (const rule of rules) checkRule(rule);
  return rules;
}

function readRule(tree: XmlTree): LifecycleRule {
  const id = textOf(tree, 'ID')?.trim() || randomUUID();
  if (id.length > maxIdLength) {
    throw invalidArgument(`ID length should not exceed allowed limit of ${maxIdLength}`);
  }
  const status = textOf(tree, 'Status')?.trim();
  if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml();
  const rule: LifecycleRule = {
    id,
    isEnabled: status === 'Enabled',
    filter: readFilter(tree),
    transitions: childrenOf(tree, 'Transition').map((transition) => ({
      ...readTime(transition, 'Transition'),
      storageClass: readStorageClass(transition),
    })),
    noncurrentTransitions: childrenOf(tree, 'NoncurrentVersionTransition').map((transition) => ({
      ...readNoncurrentTime(transition, 'NoncurrentVersionTransition'),
      storageClass: readStorageClass(transition),
    })),
    ...readExpiration(tree),
    ...readNoncurrentExpiration(tree),
    ...readAbort(tree),
  };
  if (!hasAction(rule)) {
    throw new AwsError(
      400,
      'InvalidRequest',
      'At least one action needs to be specified in a rule',
    );
  }
  return rule;
}

/** Exactly one of a number of days, a date, and a word about delete markers. */
function readExpiration(
  tree: XmlTree,
): Pick<LifecycleRule, 'expiration' | 'expiredObjectDeleteMarker'> {
  const expiration = onlyChild(tree, 'Expiration');
  if (!expiration) return {};
  const marker = textOf(expiration, 'ExpiredObjectDeleteMarker')?.trim();
  if (marker === undefined) return { expiration: readTime(expiration, 'Expiration') };
  if (expiration['Days'] || expiration['Date']) throw malformedXml();
  if (marker !== 'true' && marker !== 'false') throw malformedXml();
  return { expiredObjectDeleteMarker: marker === 'true' };
}

function readNoncurrentExpiration(tree: XmlTree): Pick<LifecycleRule, 'noncurrentExpiration'> {
  const expiration = onlyChild(tree, 'NoncurrentVersionExpiration');
  if (!expiration) return {};
  return { noncurrentExpiration: readNoncurrentTime(expiration, 'NoncurrentVersionExpiration') };
}

function readAbort(tree: XmlTree): Pick<LifecycleRule, 'abortUploadDays'> {
  const name = 'AbortIncompleteMultipartUpload';
  const abort = onlyChild(tree, name);
  if (!abort) return {};
  return { abortUploadDays: readCountOf(abort, 'DaysAfterInitiation', name) };
}

function hasAction(rule: LifecycleRule): boolean {
  return (
    rule.expiration !== undefined ||
    rule.expiredObjectDeleteMarker !== undefined ||
    rule.noncurrentExpiration !== undefined ||
    rule.abortUploadDays !== undefined ||
    rule.transitions.length + rule.noncurrentTransitions.length > 0
  );
}

function onlyChild(tree: XmlTree, name: string): XmlTree | undefined {
  const [child, another] = childrenOf(tree, name);
  if (another) throw malformedXml();
  return child;
}

/** An element without content is read as text, and means an element without children. */
function childrenOf(tree: XmlTree, name: string): XmlTree[] {
  return (tree[name] ?? []).map((child) => (typeof child === 'string' ? {} : child));
}
