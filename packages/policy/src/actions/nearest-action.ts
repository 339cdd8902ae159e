import { actionsLike } from './action-info.ts';

/** The known action whose name is closest; null if none is close enough to be meant. */
export function nearestAction(action: string): string | null {
  const wanted = action.toLowerCase();
  const service = wanted.slice(0, wanted.indexOf(':'));
  const all = actionsLike(`${service}:*`) ?? [];
  const alias = aliases.get(wanted);
  if (alias !== undefined) return alias;
  let nearest: string | null = null;
  // More than a third of the letters wrong is another word.
  let least = Math.min(4, Math.floor((wanted.length - service.length) / 3) + 1);
  for (const { name } of all) {
    const distance = distanceOf(wanted, name.toLowerCase(), least);
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

/** API calls that people take for the actions which allow them. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['s3:listobjects', 's3:ListBucket'],
  ['s3:listobjectsv2', 's3:ListBucket'],
  ['s3:headbucket', 's3:ListBucket'],
  ['s3:headobject', 's3:GetObject'],
  ['s3:listobjectversions', 's3:ListBucketVersions'],
  ['s3:listbuckets', 's3:ListAllMyBuckets'],
  ['s3:listmultipartuploads', 's3:ListBucketMultipartUploads'],
  ['s3:listparts', 's3:ListMultipartUploadParts'],
  ['s3:copyobject', 's3:PutObject'],
  ['s3:postobject', 's3:PutObject'],
  ['s3:uploadpart', 's3:PutObject'],
  ['s3:uploadpartcopy', 's3:PutObject'],
  ['s3:createmultipartupload', 's3:PutObject'],
  ['s3:completemultipartupload', 's3:PutObject'],
  ['s3:deleteobjects', 's3:DeleteObject'],
  ['s3:getbucketencryption', 's3:GetEncryptionConfiguration'],
  ['s3:putbucketencryption', 's3:PutEncryptionConfiguration'],
  ['s3:getbucketlifecycle', 's3:GetLifecycleConfiguration'],
  ['s3:putbucketlifecycle', 's3:PutLifecycleConfiguration'],
]);

/** Levenshtein's distance, or `limit` as soon as it cannot be less. */
function distanceOf(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) >= limit) return limit;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return Math.min(row[other.length] ?? limit, limit);
}
