import {
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ManagedConnection } from '@causeway/contract';
import {
  corsConfiguration,
  lifecycleConfiguration,
  mergeCors,
  mergeLifecycle,
} from '@causeway/policy';
import { operatorCall, operatorLookup } from './operator-call.ts';

export interface SettingsTarget {
  readonly s3: S3Client;
  readonly connection: ManagedConnection;
  readonly browserOrigins: readonly string[];
}

/** One of the settings of a managed bucket. */
export interface BucketSetting {
  readonly name: string;
  /** What is not as it must be, as a sentence; null when nothing is. */
  readonly find: (target: SettingsTarget) => Promise<string | null>;
  /** Puts it as it must be, and keeps what does not contradict it. */
  readonly put: (target: SettingsTarget) => Promise<unknown>;
  readonly appliesTo?: (target: SettingsTarget) => boolean;
}

/** The settings that are not as they must be. */
export async function findDriftedSettings(
  target: SettingsTarget,
): Promise<{ readonly setting: BucketSetting; readonly found: string }[]> {
  const found = await Promise.all(
    bucketSettings
      .filter(({ appliesTo }) => appliesTo?.(target) ?? true)
      .map(async (setting) => ({ setting, found: await setting.find(target) })),
  );
  return found.flatMap(({ setting, found }) => (found === null ? [] : [{ setting, found }]));
}

/** Whom every call names beside the bucket: if that is another account's, nothing happens. */
function bucketOf({ connection: { bucket, accountId } }: SettingsTarget) {
  return { Bucket: bucket, ExpectedBucketOwner: accountId ?? undefined };
}

const blocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
} as const;

const publicAccessBlock: BucketSetting = {
  name: 'Block Public Access',
  async find(target) {
    const { Bucket } = bucketOf(target);
    const answer = await operatorLookup(
      's3:GetBucketPublicAccessBlock',
      Bucket,
      ['NoSuchPublicAccessBlockConfiguration'],
      () => target.s3.send(new GetPublicAccessBlockCommand(bucketOf(target))),
    );
    const found: Partial<Record<keyof typeof blocked, boolean | undefined>> =
      answer?.PublicAccessBlockConfiguration ?? {};
    const off = Object.keys(blocked).filter((name) => !found[name as keyof typeof blocked]);
    return off.length === 0 ? null : `Block Public Access is off for ${off.join(', ')}`;
  },
  put: (target) =>
    operatorCall('s3:PutBucketPublicAccessBlock', target.connection.bucket, () =>
      target.s3.send(
        new PutPublicAccessBlockCommand({
          ...bucketOf(target),
          PublicAccessBlockConfiguration: blocked,
        }),
      ),
    ),
};

/** With ACLs in use, ours is the object that carries the ACL; without it, the writer's. */
function ownershipOf({ settings }: ManagedConnection) {
  return settings.ownership === 'enforced' ? 'BucketOwnerEnforced' : 'BucketOwnerPreferred';
}

const ownership: BucketSetting = {
  name: 'Object Ownership',
  async find(target) {
    const answer = await operatorLookup(
      's3:GetBucketOwnershipControls',
      target.connection.bucket,
      ['OwnershipControlsNotFoundError'],
      () => target.s3.send(new GetBucketOwnershipControlsCommand(bucketOf(target))),
    );
    // Without a setting the writer owns what it writes.
    const found = answer?.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? 'ObjectWriter';
    const wanted = ownershipOf(target.connection);
    return found === wanted ? null : `Object Ownership is ${found}, not ${wanted}`;
  },
  put: (target) =>
    operatorCall('s3:PutBucketOwnershipControls', target.connection.bucket, () =>
      target.s3.send(
        new PutBucketOwnershipControlsCommand({
          ...bucketOf(target),
          OwnershipControls: { Rules: [{ ObjectOwnership: ownershipOf(target.connection) }] },
        }),
      ),
    ),
};

const encryption: BucketSetting = {
  name: 'default encryption',
  async find(target) {
    const answer = await operatorLookup(
      's3:GetEncryptionConfiguration',
      target.connection.bucket,
      ['ServerSideEncryptionConfigurationNotFoundError'],
      () => target.s3.send(new GetBucketEncryptionCommand(bucketOf(target))),
    );
    const [rule] = answer?.ServerSideEncryptionConfiguration?.Rules ?? [];
    const { SSEAlgorithm: algorithm = 'none', KMSMasterKeyID: key } =
      rule?.ApplyServerSideEncryptionByDefault ?? {};
    const found = key === undefined ? algorithm : `${algorithm} with ${key}`;
    const { kmsKeyArn } = target.connection.settings;
    const wanted = kmsKeyArn === null ? 'AES256' : `aws:kms with ${kmsKeyArn}`;
    return found === wanted ? null : `default encryption is ${found}, not ${wanted}`;
  },
  put: (target) =>
    operatorCall('s3:PutEncryptionConfiguration', target.connection.bucket, () =>
      target.s3.send(
        new PutBucketEncryptionCommand({
          ...bucketOf(target),
          ServerSideEncryptionConfiguration: { Rules: [encryptionRule(target.connection)] },
        }),
      ),
    ),
};

/** A bucket key spares S3 a call to KMS for each object. */
function encryptionRule({ settings: { kmsKeyArn } }: ManagedConnection) {
  if (kmsKeyArn === null) {
    return { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } };
  }
  return {
    ApplyServerSideEncryptionByDefault: {
      SSEAlgorithm: 'aws:kms' as const,
      KMSMasterKeyID: kmsKeyArn,
    },
    BucketKeyEnabled: true,
  };
}

/** Only when it was chosen: an operator may turn it on for any bucket. */
const versioning: BucketSetting = {
  name: 'versioning',
  appliesTo: ({ connection }) => connection.settings.versioning,
  async find(target) {
    const { Status = 'off' } = await operatorCall(
      's3:GetBucketVersioning',
      target.connection.bucket,
      () => target.s3.send(new GetBucketVersioningCommand(bucketOf(target))),
    );
    return Status === 'Enabled' ? null : `versioning is ${Status.toLowerCase()}`;
  },
  put: (target) =>
    operatorCall('s3:PutBucketVersioning', target.connection.bucket, () =>
      target.s3.send(
        new PutBucketVersioningCommand({
          ...bucketOf(target),
          VersioningConfiguration: { Status: 'Enabled' },
        }),
      ),
    ),
};

const ourLifecycle = lifecycleConfiguration({ prefix: '' });

const lifecycle: BucketSetting = {
  name: 'rule for unfinished uploads',
  async find(target) {
    const { added, replaced } = mergeLifecycle(await lifecycleRules(target), ourLifecycle);
    if (added.length > 0) return 'no lifecycle rule aborts unfinished uploads';
    return replaced.length > 0 ? 'the lifecycle rule for unfinished uploads was changed' : null;
  },
  async put(target) {
    const { document } = mergeLifecycle(await lifecycleRules(target), ourLifecycle);
    return operatorCall('s3:PutLifecycleConfiguration', target.connection.bucket, () =>
      target.s3.send(
        new PutBucketLifecycleConfigurationCommand({
          ...bucketOf(target),
          LifecycleConfiguration: document as { Rules: [] },
        }),
      ),
    );
  },
};

async function lifecycleRules(target: SettingsTarget): Promise<object | null> {
  const answer = await operatorLookup(
    's3:GetLifecycleConfiguration',
    target.connection.bucket,
    ['NoSuchLifecycleConfiguration'],
    () => target.s3.send(new GetBucketLifecycleConfigurationCommand(bucketOf(target))),
  );
  return answer && { Rules: answer.Rules ?? [] };
}

const cors: BucketSetting = {
  name: 'CORS',
  appliesTo: ({ connection, browserOrigins }) =>
    connection.capabilities.includes('browse') && browserOrigins.length > 0,
  async find(target) {
    const { added, replaced } = mergeCors(await corsRules(target), corsOf(target));
    if (added.length > 0) return 'no CORS rule lets browsers in';
    return replaced.length > 0 ? 'the CORS rule for browsers was changed' : null;
  },
  async put(target) {
    const { document } = mergeCors(await corsRules(target), corsOf(target));
    return operatorCall('s3:PutBucketCORS', target.connection.bucket, () =>
      target.s3.send(
        new PutBucketCorsCommand({
          ...bucketOf(target),
          CORSConfiguration: document as { CORSRules: [] },
        }),
      ),
    );
  },
};

function corsOf({ browserOrigins }: SettingsTarget) {
  return corsConfiguration({ origins: browserOrigins });
}

async function corsRules(target: SettingsTarget): Promise<object | null> {
  const answer = await operatorLookup(
    's3:GetBucketCORS',
    target.connection.bucket,
    ['NoSuchCORSConfiguration'],
    () => target.s3.send(new GetBucketCorsCommand(bucketOf(target))),
  );
  return answer && { CORSRules: answer.CORSRules ?? [] };
}

/** Those that keep strangers out come first. */
const bucketSettings: readonly BucketSetting[] = [
  publicAccessBlock,
  ownership,
  encryption,
  versioning,
  lifecycle,
  cors,
];
