import { randomBytes } from 'node:crypto';
import { element, text } from '../http/xml.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { AccessKeyRecord } from '../state/records.ts';
import { findUser } from './find-entity.ts';
import {
  iamOperation,
  limitExceeded,
  named,
  noSuchEntity,
  pageOf,
  seconds,
} from './iam-operation.ts';
import { newAccessKeyId } from './new-id.ts';

const maxKeysOfUser = 2;
const accessKeyId = { pattern: /\w+/, min: 16, max: 128 } as const;
const ofUser = named('user', 'UserName');

export const createAccessKey = iamOperation('CreateAccessKey', ofUser, (request) => {
  const { accountId, world } = request;
  const user = findUser(request);
  if (keysOf(request, user.name).length >= maxKeysOfUser) {
    throw limitExceeded('AccessKeysPerUser', maxKeysOfUser);
  }
  const key: AccessKeyRecord = {
    id: newAccessKeyId('AKIA'),
    secret: randomBytes(30).toString('base64'),
    accountId,
    userName: user.name,
    status: 'Active',
    createdAt: world.now().toISOString(),
  };
  world.state.commit(world.state.accessKeys.put(key.id, key));
  return [
    element('AccessKey', [
      text('UserName', key.userName),
      text('AccessKeyId', key.id),
      text('Status', key.status),
      text('SecretAccessKey', key.secret),
      text('CreateDate', seconds(key.createdAt)),
    ]),
  ];
});

export const deleteAccessKey = iamOperation('DeleteAccessKey', ofUser, (request) => {
  const { state } = request.world;
  state.commit(state.accessKeys.remove(findKey(request).id));
  return null;
});

export const updateAccessKey = iamOperation('UpdateAccessKey', ofUser, (request) => {
  const { state } = request.world;
  const key = findKey(request);
  const status = request.parameters.text('Status', { pattern: /Active|Inactive/ });
  state.commit(
    state.accessKeys.put(key.id, { ...key, status: status === 'Active' ? 'Active' : 'Inactive' }),
  );
  return null;
});

export const listAccessKeys = iamOperation('ListAccessKeys', ofUser, (request) => {
  const { items, paging } = pageOf(keysOf(request, findUser(request).name), request.parameters);
  return [
    element(
      'AccessKeyMetadata',
      items.map((key) =>
        element('member', [
          text('UserName', key.userName),
          text('AccessKeyId', key.id),
          text('Status', key.status),
          text('CreateDate', seconds(key.createdAt)),
        ]),
      ),
    ),
    ...paging,
  ];
});

/** When a key was last used, by whichever service; known since the sandbox started. */
export const getAccessKeyLastUsed = iamOperation(
  'GetAccessKeyLastUsed',
  ({ world, accountId, parameters }) => {
    const key = world.state.accessKeys.get(parameters.get('AccessKeyId') ?? '');
    return `arn:aws:iam::${accountId}:user/${key?.userName ?? ''}`;
  },
  ({ world, accountId, parameters }) => {
    const id = parameters.text('AccessKeyId', accessKeyId);
    const key = world.state.accessKeys.get(id);
    if (key?.accountId !== accountId) {
      throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
    }
    const use = world.keyUses.last(id);
    return [
      text('UserName', key.userName),
      element('AccessKeyLastUsed', [
        text('LastUsedDate', use && seconds(use.at.toISOString())),
        text('ServiceName', use?.service ?? 'N/A'),
        text('Region', use?.region ?? 'N/A'),
      ]),
    ];
  },
);

function keysOf({ world, accountId }: QueryRequest, userName: string): AccessKeyRecord[] {
  return [...world.state.accessKeys.under('')].filter(
    (key) => key.accountId === accountId && key.userName === userName,
  );
}

function findKey(request: QueryRequest): AccessKeyRecord {
  const id = request.parameters.text('AccessKeyId', accessKeyId);
  const key = request.world.state.accessKeys.get(id);
  if (key?.accountId !== request.accountId || key.userName !== findUser(request).name) {
    throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  }
  return key;
}
