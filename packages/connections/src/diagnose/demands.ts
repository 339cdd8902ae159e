import {
  type Connection,
  type FixTarget,
  type PlacedConnection,
  type WriteOptions,
  writeOptionsOf,
} from '@causeway/contract';
import { type AccessRequest, s3Permissions } from '@causeway/policy';
import { newExternalId } from '../create-connection.ts';
import type { Operator } from '../operator.ts';
import { partitionOfOperator } from '../operator-without-account.ts';
import { newSubject } from '../web-identity/new-subject.ts';

/** A question to the policies, and the answer that a connection needs. */
export interface Demand {
  readonly what: string;
  readonly must: 'allow' | 'refuse';
  /** Which documents are asked: those on who gets in, on the bucket, or on its key. */
  readonly about: 'entry' | 'objects' | 'key';
  readonly request: AccessRequest;
  /** What is to be replaced where it is allowed and must be refused. */
  readonly mend: FixTarget;
}

/**
 * Ends the key that stands for every key under the prefix. A change is written for one
 * request, and `anyKey` in it then means all of them.
 */
export const anyKey = 'causeway-any-file';

/** Everything that must be allowed for a connection to work, and refused for it to be safe. */
export function demandsOf(
  connection: PlacedConnection,
  operator: Operator,
  keyArn: string | undefined,
): readonly Demand[] {
  return [
    ...entryDemands(connection, operator),
    ...objectDemands(connection, operator),
    ...(keyArn === undefined ? [] : keyDemands(connection, operator, keyArn)),
  ];
}

function entryDemands(connection: PlacedConnection, operator: Operator): Demand[] {
  if (connection.access === 'role') return roleDemands(connection, operator);
  if (connection.access === 'web_identity') return tokenDemands(connection, operator);
  return [];
}

type RoleConnection = Extract<Connection, { access: 'role' }>;

function roleDemands(connection: RoleConnection, operator: Operator): Demand[] {
  const { principalArn } = operator;
  const account = operator.accountId;
  const partition = partitionOfOperator(operator);
  const ask = (
    what: string,
    must: Demand['must'],
    externalId: string | null,
    caller = principalArn,
  ): Demand => ({
    what,
    must,
    about: 'entry',
    mend: 'trustPolicy',
    request: {
      ...callerOf(caller),
      action: 'sts:AssumeRole',
      resource: connection.roleArn ?? '',
      resourceAccount: connection.accountId ?? '',
      context: {
        ...callerOf(caller).context,
        ...secure,
        'sts:RoleSessionName': 'causeway',
        ...(externalId !== null && { 'sts:ExternalId': externalId }),
      },
    },
  });
  const { externalId } = connection;
  const neighbour = `arn:${partition}:iam::${account}:role/somebody-else`;
  const stranger = `arn:${partition}:iam::${otherAccount(account)}:role/somebody-else`;
  return [
    ask('assume the role with the external ID', 'allow', externalId),
    ask('assume the role without an external ID', 'refuse', null),
    ask('assume the role with another external ID', 'refuse', newExternalId()),
    ask(
      "assume the role as another principal of the operator's account",
      'refuse',
      externalId,
      neighbour,
    ),
    ask('assume the role from another account', 'refuse', externalId, stranger),
  ];
}

function tokenDemands(
  connection: Extract<Connection, { access: 'web_identity' }>,
  operator: Operator,
): Demand[] {
  const { issuer, audience, subject, accountId } = connection;
  const host = issuer.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const provider = `arn:${partitionOfOperator(operator)}:iam::${accountId}:oidc-provider/${host}`;
  const ask = (what: string, must: Demand['must'], sub: string, aud: string): Demand => ({
    what,
    must,
    about: 'entry',
    mend: 'trustPolicy',
    request: {
      principal: provider,
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: connection.roleArn ?? '',
      resourceAccount: accountId ?? '',
      context: {
        ...secure,
        'sts:RoleSessionName': 'causeway',
        'aws:FederatedProvider': provider,
        [`${host}:sub`]: sub,
        [`${host}:aud`]: aud,
      },
    },
  });
  return [
    ask('assume the role with our token', 'allow', subject, audience),
    ask('assume the role with a token for another subject', 'refuse', newSubject(), audience),
    ask(
      'assume the role with a token for a subject that begins alike',
      'refuse',
      neighbourOf(subject),
      audience,
    ),
    ask('assume the role with a token for another audience', 'refuse', subject, 'somebody-else'),
  ];
}

/** As another workload of the same place is called, which a pattern for the place lets in. */
function neighbourOf(subject: string): string {
  return `${subject.replace(/[^:/]+$/, '')}somebody-else`;
}

/** Requests are made over TLS, and nothing is known of where they come from. */
const secure = { 'aws:SecureTransport': 'true', 'aws:ViaAWSService': 'false' } as const;

function objectDemands(connection: PlacedConnection, operator: Operator): Demand[] {
  const { prefix, capabilities, overwrites } = connection;
  const options = writeOptionsOf(connection);
  const writes = capabilities.some((capability) => capability !== 'ingest');
  const partition = partitionOfOperator(operator);
  const call = (operation: Call, what: string, must: Demand['must'], at: string): Demand[] => {
    const { bucket } = connection;
    const sets = operation === 'CreateMultipartUpload' ? setBy(options) : [];
    return s3Permissions({ operation, bucket, key: at, partition, sets }).map(
      ({ action, resource }) => ({
        what,
        must,
        about: 'objects',
        mend: 'permissionsPolicy',
        request: {
          ...asPrincipal(connection, operator),
          action,
          resource,
          resourceAccount: connection.accountId ?? '',
          context: {
            ...asPrincipal(connection, operator).context,
            ...secure,
            's3:authType': 'REST-HEADER',
            ...(operation === 'ListObjectsV2' && { 's3:prefix': at }),
            ...(operation === 'CreateMultipartUpload' && keysOf(options)),
          },
        },
      }),
    );
  };
  const outside = `${prefix.replace(/\/$/, '')}-elsewhere/file`;
  const bounded = prefix !== '';
  return [
    ...(writes
      ? [
          ...call(
            'CreateMultipartUpload',
            `write under "${prefix}"`,
            'allow',
            `${prefix}${anyKey}`,
          ),
          ...call('AbortMultipartUpload', 'abort an upload', 'allow', `${prefix}${anyKey}`),
        ]
      : call(
          'PutObject',
          'write, though the connection only reads',
          'refuse',
          `${prefix}${anyKey}`,
        )),
    ...(overwrites
      ? call('DeleteObject', 'delete files that were replaced', 'allow', `${prefix}${anyKey}`)
      : []),
    ...call('ListObjectsV2', `list keys under "${prefix}"`, 'allow', prefix),
    ...call('GetObject', `read files under "${prefix}"`, 'allow', `${prefix}${anyKey}`),
    ...(bounded
      ? [
          ...call('PutObject', `write outside "${prefix}"`, 'refuse', outside),
          ...call('GetObject', `read files outside "${prefix}"`, 'refuse', outside),
          ...call('ListObjectsV2', `list keys outside "${prefix}"`, 'refuse', outside),
        ]
      : []),
  ];
}

/** What an upload sets by rights of their own. */
function setBy({ tags, acl }: WriteOptions): ('tagging' | 'acl')[] {
  return [
    ...(Object.keys(tags).length > 0 ? ['tagging' as const] : []),
    ...(acl === null ? [] : ['acl' as const]),
  ];
}

/** What policies see of the options of an upload. */
function keysOf({ kmsKeyArn, storageClass, tags, acl }: WriteOptions): AccessRequest['context'] {
  const names = Object.keys(tags);
  return {
    ...(kmsKeyArn !== null && {
      's3:x-amz-server-side-encryption': 'aws:kms',
      's3:x-amz-server-side-encryption-aws-kms-key-id': kmsKeyArn,
    }),
    ...(storageClass !== null && { 's3:x-amz-storage-class': storageClass }),
    ...(acl !== null && { 's3:x-amz-acl': acl }),
    ...(names.length > 0 && { 's3:RequestObjectTagKeys': names }),
    ...Object.fromEntries(names.map((name) => [`s3:RequestObjectTag/${name}`, tags[name] ?? ''])),
  };
}

type Call = Parameters<typeof s3Permissions>[0]['operation'];

function keyDemands(connection: PlacedConnection, operator: Operator, keyArn: string): Demand[] {
  const { bucket, prefix, capabilities } = connection;
  const [, partition = 'aws', , region = '', account = ''] = keyArn.split(':');
  const writes = capabilities.some((capability) => capability !== 'ingest');
  const caller = asPrincipal(connection, operator);
  const use = (action: string, what: string): Demand => ({
    what,
    must: 'allow',
    about: 'key',
    mend: 'keyPolicy',
    request: {
      ...caller,
      action,
      resource: keyArn,
      resourceAccount: account,
      context: {
        ...caller.context,
        ...secure,
        'aws:ViaAWSService': 'true',
        'kms:ViaService': `s3.${region}.amazonaws.com`,
        'kms:EncryptionContext:aws:s3:arn': `arn:${partition}:s3:::${bucket}/${prefix}${anyKey}`,
      },
    },
  });
  return [
    ...(writes ? [use('kms:GenerateDataKey', 'encrypt a file with the key')] : []),
    use('kms:Decrypt', 'decrypt with the key: a part of an upload, or a file that is read'),
  ];
}

/** The role or user whose policies are asked about the bucket. */
function asPrincipal(connection: PlacedConnection, operator: Operator) {
  const partition = partitionOfOperator(operator);
  const account = connection.accountId ?? '';
  if ('roleArn' in connection) {
    return callerOf(connection.roleArn ?? `arn:${partition}:iam::${account}:role/unknown`);
  }
  const user = connection.access === 'access_key' ? connection.userName : 'somebody';
  return callerOf(`arn:${partition}:iam::${account}:user/${user}`);
}

/** A user as it is; a role as a session of it, which is what asks. */
function callerOf(arn: string): Pick<AccessRequest, 'principal' | 'context'> {
  const [, partition, , , account, entity = ''] = arn.split(':');
  if (!entity.startsWith('role/')) return { principal: arn, context: { 'aws:PrincipalArn': arn } };
  const name = entity.slice(entity.lastIndexOf('/') + 1);
  const principal = `arn:${partition}:sts::${account}:assumed-role/${name}/causeway`;
  return { principal, context: { 'aws:PrincipalArn': arn } };
}

/** Some account that is not this one. */
function otherAccount(account: string): string {
  return account === '999999999999' ? '888888888888' : '999999999999';
}
