import { type Connection, formatLocation, type SetupGuide } from '@causeway/contract';
import { permissionsPolicy, trustPolicy } from '@causeway/policy';
import type { Operator } from './create-connection.ts';

/**
 * What the customer's administrator must create, as documents and as the AWS
 * calls that create them. Every rendering of the setup comes from this one
 * definition.
 */
export function setupGuide(connection: Connection, operator: Operator): SetupGuide {
  const { accountId, bucket, prefix } = connection;
  if (connection.access !== 'role' || bucket === null || accountId === null) {
    throw new Error('Only complete connections by a role have a guide yet');
  }
  const roleArn = connection.roleArn ?? '';
  const location = formatLocation({ bucket, prefix });
  const trust = trustPolicy({
    principalArn: operator.principalArn,
    externalId: connection.externalId,
  });
  const permissions = permissionsPolicy({
    bucket,
    prefix,
    capabilities: connection.capabilities,
    partition: roleArn.split(':')[1] ?? 'aws',
  });
  return {
    connectionId: connection.id,
    access: connection.access,
    accountId,
    location,
    principalArn: operator.principalArn,
    externalId: connection.externalId,
    roleName: connection.roleName,
    roleArn,
    trustPolicy: { ...trust },
    permissionsPolicy: { ...permissions },
    steps: [
      {
        title: 'Create the bucket',
        service: 's3',
        operation: 'CreateBucket',
        parameters: { Bucket: bucket },
        skipWhen: 'the bucket exists in your account',
      },
      {
        title: 'Create the role that Causeway assumes',
        service: 'iam',
        operation: 'CreateRole',
        parameters: {
          RoleName: connection.roleName,
          Description: `Lets Causeway write to ${location}`,
          AssumeRolePolicyDocument: JSON.stringify(trust),
        },
      },
      {
        title: 'Give the role its permissions',
        service: 'iam',
        operation: 'PutRolePolicy',
        parameters: {
          RoleName: connection.roleName,
          PolicyName: 'causeway',
          PolicyDocument: JSON.stringify(permissions),
        },
      },
    ],
  };
}
