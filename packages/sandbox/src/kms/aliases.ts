import type { Demand } from '../access/authorize.ts';
import type { JsonOperation, JsonRequest } from '../json-protocol/json-operation.ts';
import type { KmsAliasRecord } from '../state/kms-records.ts';
import { keyWithId, mustNotBeDoomed } from './find-key.ts';
import { aliasArn, aliasKey } from './key-arn.ts';
import { kmsError, notFound } from './kms-error.ts';
import { accountOperation, demandOn, namedKey, pageOf, seconds } from './kms-operation.ts';

/** Managing an alias takes the permission on the alias and on each key concerned. */
export const createAlias: JsonOperation = {
  name: 'CreateAlias',
  demands: (request) => [
    onAlias(request, 'CreateAlias'),
    demandOn(request, 'CreateAlias', target(request, 'CreateAlias')),
  ],
  run: (request) => {
    const { state, now } = request.world;
    const { key } = target(request, 'CreateAlias');
    mustNotBeDoomed(key);
    const place = named(request);
    if (state.kmsAliases.has(aliasKey(place))) {
      throw kmsError(
        'AlreadyExistsException',
        `An alias with the name ${aliasArn(place)} already exists`,
      );
    }
    const at = now().toISOString();
    const alias: KmsAliasRecord = { ...place, keyId: key.id, createdAt: at, updatedAt: at };
    state.commit(state.kmsAliases.put(aliasKey(alias), alias));
    return null;
  },
};

export const updateAlias: JsonOperation = {
  name: 'UpdateAlias',
  demands: (request) => [
    onAlias(request, 'UpdateAlias'),
    ...onKeyOf(request, 'UpdateAlias'),
    demandOn(request, 'UpdateAlias', target(request, 'UpdateAlias')),
  ],
  run: (request) => {
    const { state, now } = request.world;
    const { key } = target(request, 'UpdateAlias');
    mustNotBeDoomed(key);
    const alias = findAlias(request);
    const updated = { ...alias, keyId: key.id, updatedAt: now().toISOString() };
    state.commit(state.kmsAliases.put(aliasKey(alias), updated));
    return null;
  },
};

export const deleteAlias: JsonOperation = {
  name: 'DeleteAlias',
  demands: (request) => [onAlias(request, 'DeleteAlias'), ...onKeyOf(request, 'DeleteAlias')],
  run: (request) => {
    const { state } = request.world;
    state.commit(state.kmsAliases.remove(aliasKey(findAlias(request))));
    return null;
  },
};

export const listAliases: JsonOperation = accountOperation('ListAliases', (request) => {
  const { world, accountId, region, input } = request;
  const wanted = input.has('KeyId') ? namedKey(request, 'ListAliases').key.id : null;
  const all = [...world.state.kmsAliases.under(`${accountId}/${region}/`)].filter(
    (alias) =>
      (wanted === null || alias.keyId === wanted) && keyWithId(alias.keyId, world) !== null,
  );
  const { items, paging } = pageOf(all, request, 50);
  return {
    Aliases: items.map((alias) => ({
      AliasName: alias.name,
      AliasArn: aliasArn(alias),
      TargetKeyId: alias.keyId,
      CreationDate: seconds(alias.createdAt),
      LastUpdatedDate: seconds(alias.updatedAt),
    })),
    ...paging,
  };
});

function named({ input, accountId, region }: JsonRequest) {
  const name = input.text('AliasName', { min: 1, max: 256 });
  if (!name.startsWith('alias/')) {
    throw kmsError(
      'ValidationException',
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  if (!/^alias\/[\w/-]+$/.test(name)) {
    throw kmsError('InvalidAliasNameException', `${name} is not a name for an alias`);
  }
  if (name.startsWith('alias/aws/')) {
    throw kmsError('NotAuthorizedException', 'The prefix "alias/aws/" is reserved for AWS');
  }
  return { accountId, region, name };
}

function target(request: JsonRequest, operation: string) {
  return namedKey(request, operation, { member: 'TargetKeyId' });
}

function onAlias(request: JsonRequest, operation: string): Demand {
  return {
    action: `kms:${operation}`,
    resource: aliasArn(named(request)),
    resourceAccount: request.accountId,
  };
}

/** The demand on the key that the alias stands for until now. */
function onKeyOf(request: JsonRequest, operation: string): Demand[] {
  const key = keyWithId(findAlias(request).keyId, request.world);
  return key ? [demandOn(request, operation, { key, alias: null })] : [];
}

function findAlias(request: JsonRequest): KmsAliasRecord {
  const place = named(request);
  const alias = request.world.state.kmsAliases.get(aliasKey(place));
  if (!alias) throw notFound(`Alias ${aliasArn(place)} is not found.`);
  return alias;
}
