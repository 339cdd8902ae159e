/**
 * Object Lock: what keeps a version from being deleted.
 *
 * A version may be retained until a date. In mode COMPLIANCE nobody can shorten
 * that; in mode GOVERNANCE those can who may `s3:BypassGovernanceRetention` and
 * say so in a header. A legal hold has no end but the one that somebody sets.
 * Time is that of the sandbox's clock.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
import { AwsError } from '../../http/aws-error.ts';
import type { BucketRecord, ObjectLock, ObjectRecord, Retention } from '../../state/records.ts';
import { accessDenied, invalidArgument } from '../s3-error.ts';
import { objectArn, type S3Demand, type S3Request } from '../s3-operation.ts';

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Refuses what has to do with locks in a bucket that does not have them. */
export function mustHaveLocks(bucket: BucketRecord | null): void {
  if (bucket?.objectLock) return;
  throw new AwsError(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
}

/**
 * Refuses to delete a version that is locked.
 *
 * @throws AwsError `AccessDenied`
 */
export function mustNotBeLocked(request: S3Request, { lock }: ObjectRecord, key: string): void {
  const bypasses = bypassesGovernance(request, key);
  const { retention, legalHold } = lock ?? {};
  const now = request.world.now();
  const isRetained = isActive(retention, now) && !(bypasses && retention?.mode === 'GOVERNANCE');
  if (isRetained || legalHold === 'ON') throw protectedByLock();
}

/**
 * Whether the request asks to pass over governance.
 *
 * @throws AwsError `AccessDenied` when it does and may not.
 */
export function bypassesGovernance(request: S3Request, key: string): boolean {
  const header = request.call.incoming.headers.get('x-amz-bypass-governance-retention');
  if (header?.toLowerCase() !== 'true') return false;
  const resource = objectArn(request.target.bucket ?? '', key);
  request.authorize({ action: 's3:BypassGovernanceRetention', resource });
  return true;
}

export function isActive(retention: Retention | undefined, now: Date): boolean {
  return retention !== undefined && Date.parse(retention.until) > now.getTime();
}

export function protectedByLock(): AwsError {
  return accessDenied('Access Denied because object protected by object lock.');
}

/** The lock that an upload's headers, or else its bucket, put on its object. */
export function newObjectLock(request: S3Request): ObjectLock | undefined {
  const { bucket, world } = request;
  const sent = readLockHeaders(request);
  if (sent) {
    mustHaveLocks(bucket);
    mustProveItsBytes(request);
  }
  const retention = sent?.retention ?? defaultRetention(bucket, world.now());
  const legalHold = sent?.legalHold;
  if (!retention && !legalHold) return undefined;
  return { ...(retention && { retention }), ...(legalHold && { legalHold }) };
}

/** What cannot be replaced must have arrived whole. */
function mustProveItsBytes({ call }: S3Request): void {
  const { headers } = call.incoming;
  const isProved =
    headers.has('content-md5') ||
    headers.has('x-amz-trailer') ||
    [...headers.keys()].some((name) => name.startsWith('x-amz-checksum-'));
  if (isProved || call.record.operation !== 'PutObject') return;
  throw new AwsError(
    400,
    'InvalidRequest',
    'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
  );
}

/** To lock an object while putting it takes the rights to lock it. */
export function lockDemands(request: S3Request): S3Demand[] {
  const lock = readLockHeaders(request);
  const resource = objectArn(request.target.bucket ?? '', request.target.key ?? '');
  return [
    ...(lock?.retention ? [{ action: 's3:PutObjectRetention', resource }] : []),
    ...(lock?.legalHold ? [{ action: 's3:PutObjectLegalHold', resource }] : []),
  ].map((demand) => ({ ...demand, context: lockKeys(lock, request.world.now()) }));
}

/** The condition keys of a lock that is to be put. */
export function lockKeys(lock: ObjectLock | undefined, now: Date): Record<string, string> {
  const { retention, legalHold } = lock ?? {};
  const remaining = retention ? Date.parse(retention.until) - now.getTime() : 0;
  return {
    ...(retention && {
      's3:object-lock-mode': retention.mode,
      's3:object-lock-retain-until-date': retention.until,
      's3:object-lock-remaining-retention-days': String(Math.ceil(remaining / dayMilliseconds)),
    }),
    ...(legalHold && { 's3:object-lock-legal-hold': legalHold }),
  };
}

/** What answers say of a lock, each part to those who may read it. */
export function lockHeaders(request: S3Request, { lock }: ObjectRecord): Record<string, string> {
  if (!lock) return {};
  const resource = objectArn(request.target.bucket ?? '', request.target.key ?? '');
  const may = (action: string) => request.isAllowed({ action, resource });
  const { retention, legalHold } = lock;
  return {
    ...(retention &&
      may('s3:GetObjectRetention') && {
        'x-amz-object-lock-mode': retention.mode,
        'x-amz-object-lock-retain-until-date': retention.until,
      }),
    ...(legalHold && may('s3:GetObjectLegalHold') && { 'x-amz-object-lock-legal-hold': legalHold }),
  };
}

/**
 * Reads a retention that somebody asks for.
 *
 * @throws AwsError `InvalidArgument` for an unknown mode, or a date that is none or not ahead.
 */
export function readRetention(mode: string, until: string, now: Date): Retention {
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') {
    throw invalidArgument('x-amz-object-lock-mode', mode, 'Unknown wormMode directive.');
  }
  const time = /^\d{4}-\d{2}-\d{2}T/.test(until) ? Date.parse(until) : Number.NaN;
  const name = 'x-amz-object-lock-retain-until-date';
  if (Number.isNaN(time)) {
    throw invalidArgument(name, until, 'The retain until date must be provided in ISO 8601 format');
  }
  if (time <= now.getTime()) {
    throw invalidArgument(name, until, 'The retain until date must be in the future!');
  }
  return { mode, until: new Date(time).toISOString() };
}

function readLockHeaders({ call, world }: S3Request): ObjectLock | undefined {
  const { headers } = call.incoming;
  const mode = headers.get('x-amz-object-lock-mode');
  const until = headers.get('x-amz-object-lock-retain-until-date');
  const legalHold = headers.get('x-amz-object-lock-legal-hold');
  if (mode === undefined && until === undefined && legalHold === undefined) return undefined;
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      mode === undefined ? 'x-amz-object-lock-mode' : 'x-amz-object-lock-retain-until-date',
      'null',
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    );
  }
  if (legalHold !== undefined && legalHold !== 'ON' && legalHold !== 'OFF') {
    const message = 'Legal Hold must be either of "ON" or "OFF"';
    throw invalidArgument('x-amz-object-lock-legal-hold', legalHold, message);
  }
  const retention =
    mode !== undefined && until !== undefined ? readRetention(mode, until, world.now()) : undefined;
  return { ...(retention && { retention }), ...(legalHold && { legalHold }) };
}

function defaultRetention(bucket: BucketRecord | null, now: Date): Retention | undefined {
  const rule = bucket?.objectLock?.rule;
  if (!rule) return undefined;
  const until = new Date(now);
  if (rule.unit === 'Days') until.setUTCDate(until.getUTCDate() + rule.count);
  else until.setUTCFullYear(until.getUTCFullYear() + rule.count);
  return { mode: rule.mode, until: until.toISOString() };
}
