import type { LifecycleRule, LifecycleTime } from '../../state/lifecycle-records.ts';
import type { ObjectRecord } from '../../state/records.ts';
import { changeObjects } from '../versions/change-objects.ts';
import {
  type FoundVersion,
  isDeleteMarker,
  replaceRecord,
  versionIdOf,
  versionsOf,
} from '../versions/version-rows.ts';
import { dueBy, type LifecycleRun } from './lifecycle-run.ts';
import { dueAt, rulesFor } from './match-rule.ts';

/** Objects only ever move down. https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
const waterfall = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

/** Smaller objects stay where they are unless a rule is about sizes. */
const minBytes = 128 * 1024;
/** Classes that small objects may move to where the minimum varies by class. */
const withoutMinimum: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

type Transition = LifecycleTime & { readonly storageClass: string };

/** Moves the versions of a key to the storage classes that they are due for. */
export function applyTransitions(run: LifecycleRun, key: string): void {
  const versions = [...versionsOf(run.world.state, { bucket: run.bucket.name, key })];
  for (const [index, found] of versions.entries()) {
    const { record } = found;
    if (isDeleteMarker(record)) continue;
    const rules = rulesFor(run.lifecycle, key, record).filter((rule) => mayMove(run, rule, record));
    const newer = versions[index - 1];
    const due = newer
      ? rules.flatMap((rule) => noncurrentDue(run, rule, index - 1, newer.record.modifiedAt))
      : rules.flatMap((rule) => currentDue(run, rule, record.modifiedAt));
    move(run, key, { ...found, record }, due);
  }
}

function currentDue(run: LifecycleRun, rule: LifecycleRule, from: string): Transition[] {
  return rule.transitions.filter((transition) => dueBy(run, dueAt(from, transition)) !== null);
}

function noncurrentDue(
  run: LifecycleRun,
  { noncurrentTransitions }: LifecycleRule,
  newerVersions: number,
  from: string,
): Transition[] {
  return noncurrentTransitions
    .filter((one) => newerVersions >= (one.newerVersions ?? 0))
    .filter(({ days }) => dueBy(run, dueAt(from, { days })) !== null);
}

function mayMove(
  { lifecycle }: LifecycleRun,
  { filter, transitions, noncurrentTransitions }: LifecycleRule,
  { bytes }: ObjectRecord,
): boolean {
  const isAboutSizes = filter.sizeGreaterThan !== undefined || filter.sizeLessThan !== undefined;
  if (bytes >= minBytes || isAboutSizes) return true;
  if (lifecycle.minimumSize === 'all_storage_classes_128K') return false;
  return [...transitions, ...noncurrentTransitions].every(({ storageClass }) =>
    withoutMinimum.includes(storageClass),
  );
}

/** Of all that are due the lowest class counts. */
function move(
  { world, bucket, now }: LifecycleRun,
  key: string,
  found: FoundVersion & { readonly record: ObjectRecord },
  due: readonly Transition[],
): void {
  const rank = (storageClass: string) => waterfall.indexOf(storageClass);
  const { headers } = found.record;
  const target = due
    .map(({ storageClass }) => storageClass)
    .reduce((a, b) => (rank(b) > rank(a) ? b : a), headers.storageClass);
  if (target === headers.storageClass) return;
  const object: ObjectRecord = { ...found.record, headers: { ...headers, storageClass: target } };
  const place = { bucket: bucket.name, key };
  const changes = [replaceRecord(world.state, place, found, object)];
  changeObjects(
    world,
    { changes, gone: [] },
    {
      name: 'LifecycleTransition',
      bucket,
      key,
      versionId: versionIdOf(object),
      object,
      at: now,
      request: null,
    },
  );
}
