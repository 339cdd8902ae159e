import { randomBytes, randomUUID } from 'node:crypto';
import type { JsonRequest, JsonResult } from '../json-protocol/json-operation.ts';
import type { KmsKeyRecord } from '../state/kms-records.ts';
import { keyWithId, mustNotBeDoomed } from './find-key.ts';
import { keyArn } from './key-arn.ts';
import { defaultKeyPolicy, readKeyPolicy } from './key-policy.ts';
import { readTags } from './key-tags.ts';
import { kmsError } from './kms-error.ts';
import { accountOperation, keyOperation, pageOf, seconds } from './kms-operation.ts';

const description = { max: 8192 } as const;
const defaultWindowDays = 30;

export const createKey = accountOperation('CreateKey', (request) => {
  const { input, world, accountId, region } = request;
  refuseOtherKinds(request);
  const key: KmsKeyRecord = {
    ...newKey(accountId, region, world.now()),
    description: input.optionalText('Description', description) ?? '',
    tags: readTags(input),
  };
  const created = { ...key, ...readKeyPolicy(request, key) };
  world.state.commit(world.state.kmsKeys.put(key.id, created));
  return { KeyMetadata: describe(key) };
});

/** A key as KMS makes it when nothing is said about it. */
export function newKey(accountId: string, region: string, now: Date): KmsKeyRecord {
  return {
    id: randomUUID(),
    accountId,
    region,
    createdAt: now.toISOString(),
    description: '',
    policy: defaultKeyPolicy(accountId),
    state: 'Enabled',
    deletionAt: null,
    manager: 'CUSTOMER',
    rotation: null,
    tags: {},
    material: randomBytes(32).toString('base64'),
  };
}

export const describeKey = keyOperation(
  'DescribeKey',
  (_request, key) => ({ KeyMetadata: describe(key) }),
  { aliases: true },
);

export const listKeys = accountOperation('ListKeys', (request) => {
  const { world, accountId, region } = request;
  const own = [...world.state.kmsKeys.under('')].filter(
    (key) =>
      key.accountId === accountId && key.region === region && keyWithId(key.id, world) !== null,
  );
  const { items, paging } = pageOf(own, request, 100);
  return { Keys: items.map((key) => ({ KeyId: key.id, KeyArn: keyArn(key) })), ...paging };
});

export const updateKeyDescription = keyOperation('UpdateKeyDescription', (request, key) => {
  mustNotBeDoomed(key);
  return change(request, key, { description: request.input.text('Description', description) });
});

export const enableKey = keyOperation('EnableKey', (request, key) => {
  mustBeCustomers(key);
  mustNotBeDoomed(key);
  return change(request, key, { state: 'Enabled' });
});

export const disableKey = keyOperation('DisableKey', (request, key) => {
  mustBeCustomers(key);
  mustNotBeDoomed(key);
  return change(request, key, { state: 'Disabled' });
});

export const scheduleKeyDeletion = keyOperation(
  'ScheduleKeyDeletion',
  (request, key) => {
    mustBeCustomers(key);
    mustNotBeDoomed(key);
    const days = windowDays(request);
    const at = new Date(request.world.now().getTime() + days * 24 * 60 * 60 * 1000).toISOString();
    change(request, key, { state: 'PendingDeletion', deletionAt: at });
    return {
      KeyId: keyArn(key),
      DeletionDate: seconds(at),
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    };
  },
  {
    context: (request) => ({
      'kms:ScheduleKeyDeletionPendingWindowInDays': String(windowDays(request)),
    }),
  },
);

export const cancelKeyDeletion = keyOperation('CancelKeyDeletion', (request, key) => {
  if (key.state !== 'PendingDeletion') {
    throw kmsError('KMSInvalidStateException', `${keyArn(key)} is not pending deletion.`);
  }
  // A key that was to go must be enabled again on purpose.
  change(request, key, { state: 'Disabled', deletionAt: null });
  return { KeyId: keyArn(key) };
});

function windowDays({ input }: JsonRequest): number {
  return input.optionalNumber('PendingWindowInDays', 7, 30) ?? defaultWindowDays;
}

function refuseOtherKinds({ input }: JsonRequest): void {
  const spec = input.optionalText('KeySpec') ?? input.optionalText('CustomerMasterKeySpec');
  const others = [
    spec !== null && spec !== 'SYMMETRIC_DEFAULT',
    (input.optionalText('KeyUsage') ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT',
    (input.optionalText('Origin') ?? 'AWS_KMS') !== 'AWS_KMS',
    input.flag('MultiRegion'),
    input.has('CustomKeyStoreId'),
  ];
  if (!others.includes(true)) return;
  throw kmsError(
    'UnsupportedOperationException',
    'The sandbox has symmetric encryption keys of KMS in one region only',
  );
}

/** @throws AwsError `UnsupportedOperationException` for a key that AWS keeps for the account. */
function mustBeCustomers(key: KmsKeyRecord): void {
  if (key.manager === 'CUSTOMER') return;
  throw kmsError(
    'UnsupportedOperationException',
    `${keyArn(key)} is an AWS managed key, which only AWS can change`,
  );
}

function change(
  { world }: JsonRequest,
  key: KmsKeyRecord,
  changes: Partial<KmsKeyRecord>,
): JsonResult | null {
  world.state.commit(world.state.kmsKeys.put(key.id, { ...key, ...changes }));
  return null;
}

function describe(key: KmsKeyRecord): JsonResult {
  return {
    AWSAccountId: key.accountId,
    KeyId: key.id,
    Arn: keyArn(key),
    CreationDate: seconds(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    ...(key.deletionAt !== null && { DeletionDate: seconds(key.deletionAt) }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  };
}
