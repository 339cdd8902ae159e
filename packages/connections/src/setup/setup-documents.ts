import type { Connection, SetupDocument } from '@causeway/contract';
import {
  type AccessDocument,
  type AccessInput,
  accessDocuments,
  corsConfiguration,
  lifecycleConfiguration,
  permissionsPolicy,
} from '@causeway/policy';
import { type Operator, partitionOf } from '../create-connection.ts';
import type { SetupOptions } from './setup-guide.ts';

/** The documents of a connection whose place is known. */
export function setupDocuments(
  connection: Connection,
  operator: Operator,
  { origins = [] }: SetupOptions,
): SetupDocument[] {
  const place = {
    bucket: connection.bucket ?? '',
    prefix: connection.prefix,
    capabilities: connection.capabilities,
    partition: partitionOf(operator.principalArn),
    label: labelOf(connection),
    origins,
  };
  const documents =
    connection.access === 'access_key' && connection.accountId === null
      ? documentsElsewhere(place)
      : accessDocuments({ ...place, ...accessInput(connection, operator) });
  return documents.map((each) => ({ ...each, document: { ...each.document } }));
}

/**
 * Tells the statements of connections to the same bucket apart. The end of the id is
 * random; IAM wants letters and digits.
 */
function labelOf({ id }: Connection): string {
  return id.slice(-8).replaceAll(/[^0-9A-Za-z]/g, '');
}

function accessInput(
  connection: Connection,
  operator: Operator,
): Pick<AccessInput, 'access' | 'accountId'> & Partial<AccessInput> {
  const accountId = connection.accountId ?? '';
  switch (connection.access) {
    case 'role':
      return {
        access: 'role',
        accountId,
        principalName: connection.roleName,
        externalId: connection.externalId,
        operatorPrincipals: [operator.principalArn],
      };
    case 'web_identity': {
      const { access, roleName: principalName, issuer, audience, subject } = connection;
      return { access, accountId, principalName, issuer, audience, subject };
    }
    case 'access_key':
      return { access: 'access_key', accountId, principalName: connection.userName };
    case 'bucket_policy':
      return { access: 'bucket_policy', accountId: connection.customerAccountId };
    case 'operator_role':
      return {
        access: 'operator_role',
        accountId: connection.customerAccountId,
        principalName: connection.roleName,
        operatorAccountId: operator.accountId,
        ...(connection.externalId !== null && { externalId: connection.externalId }),
      };
  }
}

type Place = Omit<AccessInput, 'access' | 'accountId'> & { readonly origins: readonly string[] };

/** Of a store that has no accounts: what its keys must allow, and the bucket's settings. */
function documentsElsewhere(place: Place): AccessDocument[] {
  const { prefix, label = '' } = place;
  const browsers = place.capabilities.includes('browse') && place.origins.length > 0;
  const customer = (
    name: string,
    purpose: string,
    document: AccessDocument['document'],
  ): AccessDocument => ({ name, side: 'customer', purpose, document });
  return [
    customer(
      'permissionsPolicy',
      'policy of the access key, where the store has policies',
      permissionsPolicy(place),
    ),
    ...(browsers
      ? [customer('cors', "add to the bucket's CORS configuration", corsConfiguration(place))]
      : []),
    customer(
      'lifecycle',
      "add to the bucket's lifecycle configuration",
      lifecycleConfiguration({ prefix, label }),
    ),
  ];
}
