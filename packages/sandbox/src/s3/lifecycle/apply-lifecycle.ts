/**
 * What lifecycle rules do when their time has come.
 *
 * S3 looks through a bucket once a day. The sandbox does so when its clock is
 * moved, and then does what became due in the order in which it became due for
 * each key: an object that expired during a long jump gets a delete marker of the
 * day on which it expired, and what that covers may expire in the same jump.
 * Nothing falls due before its rule was set, and nothing that is locked goes.
 */
import type { ObjectRecord, VersionRecord } from '../../state/records.ts';
import type { World } from '../../world.ts';
import { isActive } from '../locks/object-lock.ts';
import { abortUpload } from '../uploads.ts';
import { deleteKey, deleteVersion } from '../versions/delete-version.ts';
import { keysOfBucket } from '../versions/version-page.ts';
import { isDeleteMarker, objectName, versionIdOf, versionsOf } from '../versions/version-rows.ts';
import { applyTransitions } from './apply-transitions.ts';
import { dueBy, type LifecycleRun } from './lifecycle-run.ts';
import { dueAt, looksInside, rulesFor } from './match-rule.ts';

/** Does in every bucket what its rules want done by now. */
export function applyLifecycle(world: World): void {
  const now = world.now();
  for (const bucket of [...world.state.buckets.under('')]) {
    if (!bucket.lifecycle) continue;
    const run = { world, bucket, lifecycle: bucket.lifecycle, now };
    for (const key of keysOfBucket(world.state, bucket.name)) {
      expireCurrent(run, key);
      expireNoncurrent(run, key);
      removeBareMarker(run, key);
      applyTransitions(run, key);
    }
    abortUploads(run);
  }
}

function expireCurrent(run: LifecycleRun, key: string): void {
  const { world, bucket, lifecycle } = run;
  const object = world.state.objects.get(objectName({ bucket: bucket.name, key }));
  if (!object) return;
  const at = earliestDue(run, object, rulesFor(lifecycle, key, object));
  if (at) deleteKey(world, bucket, key, { request: null, at });
}

function earliestDue(
  run: LifecycleRun,
  record: VersionRecord,
  rules: ReturnType<typeof rulesFor>,
): Date | null {
  const dues = rules.flatMap(({ expiration }) =>
    expiration ? [dueAt(record.modifiedAt, expiration)] : [],
  );
  return dues.length === 0 ? null : dueBy(run, Math.min(...dues));
}

/** A version is noncurrent from when the next newer one came to be. */
function expireNoncurrent(run: LifecycleRun, key: string): void {
  const { world, bucket, lifecycle } = run;
  const versions = [...versionsOf(world.state, { bucket: bucket.name, key })];
  for (const [index, { record }] of versions.entries()) {
    const newer = versions[index - 1];
    if (!newer || isLocked(record, run.now)) continue;
    const isDue = rulesFor(lifecycle, key, record).some(({ noncurrentExpiration: rule }) => {
      if (!rule || index - 1 < (rule.newerVersions ?? 0)) return false;
      return dueBy(run, dueAt(newer.record.modifiedAt, { days: rule.days })) !== null;
    });
    if (isDue) deleteVersion(world, bucket, key, versionIdOf(record), { request: null });
  }
}

/** A delete marker that hides nothing goes when a rule says so, or when it has expired itself. */
function removeBareMarker(run: LifecycleRun, key: string): void {
  const { world, bucket, lifecycle } = run;
  const [latest, another] = versionsOf(world.state, { bucket: bucket.name, key });
  if (!latest || another || !isDeleteMarker(latest.record)) return;
  const rules = rulesFor(lifecycle, key, latest.record);
  const isDue =
    rules.some(({ expiredObjectDeleteMarker }) => expiredObjectDeleteMarker) ||
    earliestDue(run, latest.record, rules) !== null;
  if (isDue) deleteVersion(world, bucket, key, versionIdOf(latest.record), { request: null });
}

function isLocked(record: VersionRecord, now: Date): boolean {
  const lock: ObjectRecord['lock'] = isDeleteMarker(record) ? undefined : record.lock;
  return lock?.legalHold === 'ON' || isActive(lock?.retention, now);
}

function abortUploads(run: LifecycleRun): void {
  const { world, bucket, lifecycle } = run;
  for (const upload of [...world.state.uploads.under('')]) {
    if (upload.bucket !== bucket.name || upload.completed) continue;
    const isDue = lifecycle.rules.some(
      ({ isEnabled, filter, abortUploadDays: days }) =>
        isEnabled &&
        days !== undefined &&
        !looksInside(filter) &&
        upload.key.startsWith(filter.prefix ?? '') &&
        dueBy(run, dueAt(upload.initiatedAt, { days })) !== null,
    );
    if (isDue) abortUpload(world, upload);
  }
}
