import type { Connection, ConnectionBy, SetupValue } from '@causeway/contract';
import type { Operator } from '../operator.ts';

/** What people copy in the course of a setup. Nothing secret: access keys are not here. */
export function setupValues(connection: Connection, operator: Operator): SetupValue[] {
  return [...placeValues(connection), ...accessValues(connection, operator)];
}

function placeValues({ bucket, prefix, accountId, owner }: Connection): SetupValue[] {
  return [
    ...some('bucket', 'Bucket', bucket),
    ...some('prefix', 'Prefix', prefix === '' ? null : prefix),
    ...some('accountId', owner === 'customer' ? 'AWS account' : "Operator's account", accountId),
  ];
}

function accessValues(connection: Connection, operator: Operator): SetupValue[] {
  switch (connection.access) {
    case 'role':
      return [
        ...roleValues(connection),
        value(
          'externalId',
          'External ID',
          connection.externalId,
          'Made by Causeway for this connection alone; it stays the same and is no secret',
        ),
        value(
          'principalArn',
          'Trusted principal',
          operator.principalArn,
          'Who will assume the role; nobody else can',
        ),
        ...(operator.otherPrincipalArn === undefined
          ? []
          : [
              value(
                'otherPrincipalArn',
                'Trusted as well',
                operator.otherPrincipalArn,
                'Causeway moves from one to the other: name both until it has',
              ),
            ]),
        value('operatorAccountId', 'Trusted account', operator.accountId),
      ];
    case 'web_identity':
      return [
        ...roleValues(connection),
        value('issuer', 'Issuer', connection.issuer, 'The "Provider URL" of the AWS console'),
        value('audience', 'Audience', connection.audience),
        value(
          'subject',
          'Subject',
          connection.subject,
          'Made by Causeway for this connection alone; it stays the same and is no secret',
        ),
      ];
    case 'access_key':
      return [
        value('userName', 'User name', connection.userName),
        ...some('endpoint', 'Endpoint', connection.endpoint),
      ];
    case 'bucket_policy':
      return managedValues(connection);
    case 'operator_role':
      return [
        ...managedValues(connection),
        value('roleName', 'Role name', connection.roleName),
        value('roleArn', 'Role ARN', connection.roleArn),
        ...some('externalId', 'External ID', connection.externalId),
      ];
  }
}

function roleValues({
  roleName,
  roleArn,
  existingRole,
}: Pick<ConnectionBy<'role'>, 'roleName' | 'roleArn' | 'existingRole'>) {
  return [
    value(
      'roleName',
      'Role name',
      roleName,
      existingRole
        ? 'The role that you have: only what is said here is added to it'
        : 'The role must have this name: Causeway finds it in the account by it',
    ),
    ...some('roleArn', 'Role ARN', roleArn),
  ];
}

function managedValues(connection: {
  readonly bucketArn: string;
  readonly customerAccountId: string;
}): SetupValue[] {
  return [
    value('bucketArn', 'Bucket ARN', connection.bucketArn),
    value('customerAccountId', 'Your AWS account', connection.customerAccountId),
  ];
}

function value(name: string, label: string, text: string, hint?: string): SetupValue {
  return { name, label, value: text, ...(hint !== undefined && { hint }) };
}

function some(name: string, label: string, text: string | null): SetupValue[] {
  return text === null ? [] : [value(name, label, text)];
}
