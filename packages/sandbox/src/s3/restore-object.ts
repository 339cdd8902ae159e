import { AwsError } from '../http/aws-error.ts';
import { readXml, textOf } from '../http/read-xml.ts';
import type { ObjectRecord } from '../state/records.ts';
import { findVersionOf, placeOf } from './find-object.ts';
import { dueAt } from './lifecycle/match-rule.ts';
import { malformedXml } from './s3-error.ts';
import { onObject, type S3Operation } from './s3-operation.ts';
import { versionHeader } from './versions/version-id.ts';
import { replaceRecord } from './versions/version-rows.ts';

/** What cannot be read before it is restored. */
const archived: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** On AWS this takes hours; here the object can be read at once, for the days that were asked for. */
export const restoreObject: S3Operation = {
  name: 'RestoreObject',
  body: 'document',
  needsBucket: true,
  demands: onObject('s3:RestoreObject'),
  run: (request) => {
    const { state, now } = request.world;
    const tree = readXml(request.document, 'RestoreRequest');
    const days = Number(tree && textOf(tree, 'Days')?.trim());
    if (!tree || !Number.isInteger(days) || days < 1) throw malformedXml();
    const found = findVersionOf(request);
    if (!isArchived(found.record)) {
      throw invalidObjectState(
        found.record,
        "Restore is not allowed for the object's current storage class",
      );
    }
    const wasRestored = isReadable(found.record, now());
    const restoredUntil = new Date(dueAt(now().toISOString(), { days })).toISOString();
    const record = { ...found.record, restoredUntil };
    state.commit(replaceRecord(state, placeOf(request), found, record));
    return { status: wasRestored ? 200 : 202, headers: versionHeader(request.bucket, record) };
  },
};

/** Whether an object can be read: it is not archived, or was restored and still is. */
export function isReadable(object: ObjectRecord, now: Date): boolean {
  if (!isArchived(object)) return true;
  return object.restoredUntil !== undefined && Date.parse(object.restoredUntil) > now.getTime();
}

/** @throws AwsError `InvalidObjectState` for an object that must be restored first. */
export function mustBeReadable(object: ObjectRecord, now: Date): void {
  if (isReadable(object, now)) return;
  throw invalidObjectState(object, "The operation is not valid for the object's storage class");
}

/** `x-amz-restore`, of an archived object that was restored. */
export function restoreHeader(object: ObjectRecord, now: Date): Record<string, string> {
  const { restoredUntil } = object;
  if (restoredUntil === undefined || !isArchived(object) || !isReadable(object, now)) return {};
  const date = new Date(restoredUntil).toUTCString();
  return { 'x-amz-restore': `ongoing-request="false", expiry-date="${date}"` };
}

function isArchived({ headers }: ObjectRecord): boolean {
  return archived.includes(headers.storageClass);
}

function invalidObjectState({ headers }: ObjectRecord, message: string): AwsError {
  return new AwsError(403, 'InvalidObjectState', message, {
    fields: { StorageClass: headers.storageClass },
  });
}
