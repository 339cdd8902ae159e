import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf } from '../../http/read-xml.ts';
import { text } from '../../http/xml.ts';
import type { ObjectLock, ObjectRecord, Retention } from '../../state/records.ts';
import { type FoundObject, findObject, findVersionOf, placeOf } from '../find-object.ts';
import { malformedXml } from '../s3-error.ts';
import { bucketOf, objectArn, type S3Operation, type S3Request } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';
import { versionHeader } from '../versions/version-id.ts';
import { replaceRecord } from '../versions/version-rows.ts';
import {
  bypassesGovernance,
  isActive,
  lockKeys,
  mustHaveLocks,
  protectedByLock,
  readRetention,
} from './object-lock.ts';

export const getObjectRetention: S3Operation = {
  name: 'GetObjectRetention',
  body: 'none',
  needsBucket: true,
  demands: onLock('s3:GetObjectRetention'),
  run: (request) => {
    mustHaveLocks(request.bucket);
    const { retention } = findObject(request).lock ?? {};
    if (!retention) throw noLock();
    return xmlReply('Retention', [
      text('Mode', retention.mode),
      text('RetainUntilDate', retention.until),
    ]);
  },
};

export const putObjectRetention: S3Operation = {
  name: 'PutObjectRetention',
  body: 'document',
  needsBucket: true,
  // Decided once the retention is known: policies may be about it.
  demands: () => [],
  run: (request) => {
    const wanted = readOrRefuse(request);
    const lock = wanted && !(wanted instanceof AwsError) ? { retention: wanted } : undefined;
    const { bucket, key } = placeOf(request);
    const now = request.world.now();
    request.authorize({
      action: 's3:PutObjectRetention',
      resource: objectArn(bucket, key),
      context: lockKeys(lock, now),
    });
    mustHaveLocks(request.bucket);
    const bypasses = bypassesGovernance(request, key);
    const found = findVersionOf(request);
    if (wanted instanceof AwsError) throw wanted;
    const before = found.record.lock?.retention;
    if (before && isActive(before, now)) mustNotWeaken(before, wanted, bypasses);
    return keepLock(request, found, { retention: wanted ?? undefined });
  },
};

export const getObjectLegalHold: S3Operation = {
  name: 'GetObjectLegalHold',
  body: 'none',
  needsBucket: true,
  demands: onLock('s3:GetObjectLegalHold'),
  run: (request) => {
    mustHaveLocks(request.bucket);
    const { legalHold } = findObject(request).lock ?? {};
    if (!legalHold) throw noLock();
    return xmlReply('LegalHold', [text('Status', legalHold)]);
  },
};

export const putObjectLegalHold: S3Operation = {
  name: 'PutObjectLegalHold',
  body: 'document',
  needsBucket: true,
  demands: () => [],
  run: (request) => {
    const tree = readXml(request.document, 'LegalHold');
    const status = tree && textOf(tree, 'Status')?.trim();
    const legalHold = status === 'ON' || status === 'OFF' ? status : undefined;
    const { bucket, key } = placeOf(request);
    request.authorize({
      action: 's3:PutObjectLegalHold',
      resource: objectArn(bucket, key),
      context: lockKeys(legalHold && { legalHold }, request.world.now()),
    });
    mustHaveLocks(request.bucket);
    if (!legalHold) throw malformedXml();
    return keepLock(request, findVersionOf(request), { legalHold });
  },
};

/** There is one right for all versions of an object. */
function onLock(action: string): S3Operation['demands'] {
  return (request) => {
    const { bucket, key } = placeOf(request);
    return [{ action, resource: objectArn(bucket, key) }];
  };
}

/** Null takes the retention away. */
function readOrRefuse({ document, world }: S3Request): Retention | null | AwsError {
  try {
    const tree = readXml(document, 'Retention');
    if (!tree) throw malformedXml();
    const mode = textOf(tree, 'Mode')?.trim();
    const until = textOf(tree, 'RetainUntilDate')?.trim();
    if (mode === undefined && until === undefined) return null;
    if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') throw malformedXml();
    if (until === undefined) throw malformedXml();
    return readRetention(mode, until, world.now());
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

/** A retention may be prolonged. To shorten, change or end it takes governance, and passing over it. */
function mustNotWeaken(before: Retention, wanted: Retention | null, bypasses: boolean): void {
  const isLonger = wanted?.mode === before.mode && wanted.until >= before.until;
  if (isLonger || (before.mode === 'GOVERNANCE' && bypasses)) return;
  throw protectedByLock();
}

function keepLock(
  request: S3Request,
  found: FoundObject,
  change: {
    readonly retention?: Retention | undefined;
    readonly legalHold?: ObjectLock['legalHold'];
  },
): { readonly status: 200; readonly headers: Record<string, string> } {
  const { state } = request.world;
  const { retention, legalHold } = { ...found.record.lock, ...change };
  const lock: ObjectLock = { ...(retention && { retention }), ...(legalHold && { legalHold }) };
  const record: ObjectRecord = { ...found.record, lock };
  state.commit(replaceRecord(state, placeOf(request), found, record));
  return { status: 200, headers: versionHeader(bucketOf(request), record) };
}

function noLock(): AwsError {
  return new AwsError(
    404,
    'NoSuchObjectLockConfiguration',
    'The specified object does not have a ObjectLock configuration',
  );
}
