import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import { constraintBroken, type Parameters } from '../query/parameters.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import { readTags } from '../query/tags.ts';
import type { OidcProviderRecord } from '../state/records.ts';
import { mayBeAsked } from '../sts/web-identity/issuer-keys.ts';
import {
  alreadyExists,
  iamOperation,
  limitExceeded,
  noSuchEntity,
  seconds,
} from './iam-operation.ts';
import { oidcProviderArn } from './oidc-provider-arn.ts';
import { tagsElement } from './tags-element.ts';

const maxClientIds = 100;
const maxThumbprints = 5;
const clientIdRule = { min: 1, max: 255 } as const;

export const createOpenIdConnectProvider = iamOperation(
  'CreateOpenIDConnectProvider',
  (request) => oidcProviderArn(request.accountId, request.parameters.get('Url') ?? ''),
  (request) => {
    const { parameters, accountId, world } = request;
    const url = readUrl(parameters);
    const arn = oidcProviderArn(accountId, url);
    if (world.state.oidcProviders.has(arn)) {
      throw alreadyExists(`Provider with url ${url} already exists.`);
    }
    const clientIds = parameters.list('ClientIDList');
    if (clientIds.length > maxClientIds) throw tooManyClientIds();
    const provider: OidcProviderRecord = {
      accountId,
      url,
      clientIds: [...new Set(clientIds)],
      thumbprints: readThumbprints(parameters),
      createdAt: world.now().toISOString(),
      tags: readTags(parameters, 'InvalidInput'),
    };
    world.state.commit(world.state.oidcProviders.put(arn, provider));
    return [text('OpenIDConnectProviderArn', arn), tagsElement(provider.tags)];
  },
);

export const getOpenIdConnectProvider = iamOperation(
  'GetOpenIDConnectProvider',
  providerArn,
  (request) => {
    const { record } = findProvider(request);
    return [
      // Without its scheme, as AWS shows it.
      text('Url', record.url.replace(/^https?:\/\//, '')),
      element(
        'ClientIDList',
        record.clientIds.map((id) => text('member', id)),
      ),
      element(
        'ThumbprintList',
        record.thumbprints.map((thumbprint) => text('member', thumbprint)),
      ),
      text('CreateDate', seconds(record.createdAt)),
      tagsElement(record.tags),
    ];
  },
);

export const listOpenIdConnectProviders = iamOperation(
  'ListOpenIDConnectProviders',
  ({ accountId }) => `arn:aws:iam::${accountId}:oidc-provider/`,
  ({ accountId, world }) => [
    element(
      'OpenIDConnectProviderList',
      [...world.state.oidcProviders.keysUnder(`arn:aws:iam::${accountId}:`)].map((arn) =>
        element('member', [text('Arn', arn)]),
      ),
    ),
  ],
);

/** Succeeds twice, as AWS does. */
export const deleteOpenIdConnectProvider = iamOperation(
  'DeleteOpenIDConnectProvider',
  providerArn,
  (request) => {
    const { state } = request.world;
    const arn = providerArn(request);
    if (state.oidcProviders.has(arn)) state.commit(state.oidcProviders.remove(arn));
    return null;
  },
);

export const updateOpenIdConnectProviderThumbprint = iamOperation(
  'UpdateOpenIDConnectProviderThumbprint',
  providerArn,
  (request) => {
    const thumbprints = readThumbprints(request.parameters);
    change(request, () => ({ thumbprints }));
    return null;
  },
);

export const addClientIdToOpenIdConnectProvider = iamOperation(
  'AddClientIDToOpenIDConnectProvider',
  providerArn,
  (request) => {
    const id = request.parameters.text('ClientID', clientIdRule);
    change(request, ({ clientIds }) => {
      if (clientIds.includes(id)) return {};
      if (clientIds.length >= maxClientIds) throw tooManyClientIds();
      return { clientIds: [...clientIds, id] };
    });
    return null;
  },
);

export const removeClientIdFromOpenIdConnectProvider = iamOperation(
  'RemoveClientIDFromOpenIDConnectProvider',
  providerArn,
  (request) => {
    const id = request.parameters.text('ClientID', clientIdRule);
    change(request, ({ clientIds }) => ({ clientIds: clientIds.filter((one) => one !== id) }));
    return null;
  },
);

/** The provider that a request is about. @throws AwsError `ValidationError` or `NoSuchEntity`. */
export function findProvider(request: QueryRequest): {
  readonly arn: string;
  readonly record: OidcProviderRecord;
} {
  const arn = providerArn(request);
  const record = request.world.state.oidcProviders.get(arn);
  if (record?.accountId === request.accountId) return { arn, record };
  throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
}

/** @throws AwsError `ValidationError` or `InvalidInput`. */
export function providerArn({ parameters, accountId }: QueryRequest): string {
  const arn = parameters.text('OpenIDConnectProviderArn', { min: 20, max: 2048 });
  if (arn.startsWith(`arn:aws:iam::${accountId}:oidc-provider/`)) return arn;
  throw new AwsError(400, 'InvalidInput', `Invalid ARN: ${arn}`);
}

function change(
  request: QueryRequest,
  make: (record: OidcProviderRecord) => Partial<OidcProviderRecord>,
): void {
  const { state } = request.world;
  const { arn, record } = findProvider(request);
  state.commit(state.oidcProviders.put(arn, { ...record, ...make(record) }));
}

function readUrl(parameters: Parameters): string {
  const url = parameters.text('Url', { min: 1, max: 255 });
  if (mayBeAsked(url) && !/[?#]/.test(url)) return url;
  throw new AwsError(
    400,
    'InvalidInput',
    `Invalid Open ID Connect Provider URL: ${url} (HTTPS, or HTTP on this machine)`,
  );
}

function readThumbprints(parameters: Parameters): string[] {
  const thumbprints = parameters.list('ThumbprintList');
  if (thumbprints.length > maxThumbprints) {
    throw new AwsError(
      400,
      'InvalidInput',
      `Thumbprint list must contain fewer than ${maxThumbprints} entries.`,
    );
  }
  const broken = thumbprints.find((one) => one.length !== 40);
  if (broken === undefined) return thumbprints;
  throw constraintBroken(
    broken,
    'ThumbprintList',
    `Member must have length ${broken.length < 40 ? 'greater' : 'less'} than or equal to 40`,
  );
}

function tooManyClientIds(): AwsError {
  return limitExceeded('ClientIdsPerOpenIdConnectProvider', maxClientIds);
}
