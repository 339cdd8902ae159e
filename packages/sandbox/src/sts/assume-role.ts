import { randomBytes } from 'node:crypto';
import { entityArn } from '../access/entity-arn.ts';
import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import { newAccessKeyId } from '../iam/new-id.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import type { RoleRecord, RoleSessionRecord } from '../state/records.ts';
import { readSessionPolicies } from './session-policies.ts';

const defaultSeconds = 3600;
const minSeconds = 900;
const maxSeconds = 43_200;
/** A role assumed by a session of a role: the limit that no setting raises. */
const maxChainedSeconds = 3600;

export const assumeRole: QueryOperation = {
  name: 'AssumeRole',
  demands: (request) => {
    const asked = readParameters(request);
    if (request.caller.kind === 'root') {
      throw new AwsError(403, 'AccessDenied', 'Roles may not be assumed by root accounts.');
    }
    const role = findRole(request, asked.roleArn);
    return [
      {
        action: 'sts:AssumeRole',
        resource: asked.roleArn,
        resourceAccount: accountOfArn(asked.roleArn),
        // A role that does not exist trusts nobody, and AWS does not tell the two apart.
        resourcePolicy: request.world.policies.get(
          role?.trustPolicy ?? trustsNobody,
          'trust policy',
          'trust',
        ),
        context: {
          'sts:RoleSessionName': asked.sessionName,
          ...(asked.externalId !== null && { 'sts:ExternalId': asked.externalId }),
        },
      },
    ];
  },
  run: (request) => {
    const asked = readParameters(request);
    const role = findRole(request, asked.roleArn);
    if (!role) throw new AwsError(403, 'AccessDenied', `Role ${asked.roleArn} went away`);
    const session = openSession(request, role, asked);
    const { state } = request.world;
    state.commit(state.sessions.put(session.accessKeyId, session));
    return describeSession(session);
  },
};

const trustsNobody = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'nobody.amazonaws.com' },
      Action: 'sts:AssumeRole',
    },
  ],
});

interface Asked {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId: string | null;
  readonly seconds: number | null;
}

function readParameters({ parameters }: QueryRequest): Asked {
  const roleArn = parameters.text('RoleArn', { min: 20, max: 2048 });
  const sessionName = parameters.text('RoleSessionName', {
    pattern: /[\w+=,.@-]*/,
    min: 2,
    max: 64,
  });
  const externalId = parameters.optionalText('ExternalId', {
    pattern: /[\w+=,.@:/-]*/,
    min: 2,
    max: 1224,
  });
  const seconds = parameters.optionalNumber('DurationSeconds', minSeconds, maxSeconds);
  if (!/^arn:aws:iam::\d{12}:role\/(?:[!-~]+\/)?[\w+=,.@-]+$/.test(roleArn)) {
    throw new AwsError(400, 'ValidationError', `${roleArn} is invalid`);
  }
  for (const name of ['Tags', 'TransitiveTagKeys', 'SourceIdentity', 'SerialNumber', 'TokenCode']) {
    if (parameters.has(name)) {
      throw new AwsError(
        501,
        'NotImplemented',
        `The sandbox does not have "${name}" of AssumeRole`,
      );
    }
  }
  return { roleArn, sessionName, externalId, seconds };
}

function accountOfArn(arn: string): string {
  return arn.split(':')[4] ?? '';
}

function findRole({ world }: QueryRequest, arn: string): RoleRecord | null {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const role = world.state.roles.get(`${accountOfArn(arn)}/${name}`);
  return role && entityArn('role', role) === arn ? role : null;
}

function openSession(request: QueryRequest, role: RoleRecord, asked: Asked): RoleSessionRecord {
  const { world } = request;
  const seconds = sessionSeconds(request, role, asked.seconds);
  const issuedAt = world.now();
  return {
    accessKeyId: newAccessKeyId('ASIA'),
    secret: randomBytes(30).toString('base64'),
    token: randomBytes(192).toString('base64'),
    accountId: role.accountId,
    roleName: role.name,
    roleId: role.id,
    name: asked.sessionName,
    sessionPolicies: readSessionPolicies(request),
    issuedAt: issuedAt.toISOString(),
    expiresAt: new Date(issuedAt.getTime() + seconds * 1000).toISOString(),
  };
}

function sessionSeconds({ caller }: QueryRequest, role: RoleRecord, asked: number | null): number {
  const seconds = asked ?? defaultSeconds;
  if (seconds > role.maxSessionSeconds) {
    throw new AwsError(
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
  if (caller.kind === 'session' && seconds > maxChainedSeconds) {
    throw new AwsError(
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return seconds;
}

function describeSession(session: RoleSessionRecord): string[] {
  const { accountId, roleName, roleId, name } = session;
  return [
    element('AssumedRoleUser', [
      text('AssumedRoleId', `${roleId}:${name}`),
      text('Arn', `arn:aws:sts::${accountId}:assumed-role/${roleName}/${name}`),
    ]),
    element('Credentials', [
      text('AccessKeyId', session.accessKeyId),
      text('SecretAccessKey', session.secret),
      text('SessionToken', session.token),
      text('Expiration', session.expiresAt.replace(/\.\d{3}/, '')),
    ]),
  ];
}
