import { AwsError } from '../../http/aws-error.ts';
import { textOf, type XmlTree } from '../../http/read-xml.ts';
import type { LifecycleTime, NoncurrentTime } from '../../state/lifecycle-records.ts';
import { malformedXml } from '../s3-error.ts';

const storageClasses = [
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

const maxNewerVersions = 100;
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Reads `Days` or `Date`, of which there must be one. Only a transition may come at once. */
export function readTime(tree: XmlTree, action: 'Expiration' | 'Transition'): LifecycleTime {
  const date = textOf(tree, 'Date')?.trim();
  if ((date === undefined) === (tree['Days'] === undefined)) throw malformedXml();
  if (date !== undefined) return { date: readDate(date) };
  if (action === 'Expiration') return { days: readCountOf(tree, 'Days', action) };
  const days = readInteger(tree, 'Days');
  if (days < 0) throw invalidArgument(`'Days' in ${action} action must be nonnegative`);
  return { days };
}

export function readNoncurrentTime(
  tree: XmlTree,
  action: 'NoncurrentVersionExpiration' | 'NoncurrentVersionTransition',
): NoncurrentTime {
  const isTransition = action === 'NoncurrentVersionTransition';
  const days = isTransition
    ? readInteger(tree, 'NoncurrentDays')
    : readCountOf(tree, 'NoncurrentDays', action);
  if (days < 0) throw invalidArgument(`'NoncurrentDays' in ${action} action must be nonnegative`);
  if (tree['NewerNoncurrentVersions'] === undefined) return { days };
  const newerVersions = readCountOf(tree, 'NewerNoncurrentVersions', action);
  if (newerVersions > maxNewerVersions) {
    throw invalidArgument(
      `'NewerNoncurrentVersions' for ${action} action must be less than or equal to ${maxNewerVersions}`,
    );
  }
  return { days, newerVersions };
}

export function readStorageClass(tree: XmlTree): string {
  const storageClass = textOf(tree, 'StorageClass')?.trim() ?? '';
  if (!storageClasses.includes(storageClass)) throw malformedXml();
  return storageClass;
}

/** A number from 1 on. */
export function readCountOf(tree: XmlTree, name: string, action: string): number {
  const count = readInteger(tree, name);
  if (count < 1) throw invalidArgument(`'${name}' for ${action} action must be a positive integer`);
  return count;
}

export function invalidArgument(message: string): AwsError {
  return new AwsError(400, 'InvalidArgument', message);
}

function readInteger(tree: XmlTree, name: string): number {
  const value = textOf(tree, name)?.trim() ?? '';
  if (!/^-?\d{1,9}$/.test(value)) throw malformedXml();
  return Number(value);
}

function readDate(value: string): string {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw malformedXml();
  if (time % dayMilliseconds !== 0) throw invalidArgument("'Date' must be at midnight GMT");
  return new Date(time).toISOString();
}
