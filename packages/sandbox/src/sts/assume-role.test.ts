import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  type Credentials,
  createUserWithKey,
  failureOf,
  iamOf,
  operator,
  policy,
  root,
  s3Of,
  stsOf,
} from '../testing/clients.ts';
import { assumeRole } from '../testing/iam-fixtures.ts';
import { send } from '../testing/raw-request.ts';

const roleArn = 'arn:aws:iam::222222222222:role/causeway';
const externalId = 'cw-0123456789abcdef';
let clockOffset = 0;
let sandbox: Sandbox;
let worker: Credentials;

before(async () => {
  sandbox = await startSandbox({ port: 0, now: () => new Date(Date.now() + clockOffset) });
  worker = await createUserWithKey(sandbox, root.operator, 'worker', [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
  ]);
  const iam = iamOf(sandbox, root.acme);
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'causeway',
      AssumeRolePolicyDocument: trust(externalId),
      MaxSessionDuration: 7200,
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'causeway',
      PolicyName: 'deliver',
      PolicyDocument: policy(
        { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::acme-data/in/*' },
        { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::acme-data' },
        { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
      ),
    }),
  );
  await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket: 'acme-data' }));
});
after(() => sandbox.close());
beforeEach(() => {
  clockOffset = 0;
});

function trust(id: string | null): string {
  return policy({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${operator}:root` },
    Action: 'sts:AssumeRole',
    ...(id && { Condition: { StringEquals: { 'sts:ExternalId': id } } }),
  });
}

function assume(as: Credentials, more: Partial<AssumeRoleCommandInput> = {}) {
  return assumeRole(sandbox, as, roleArn, { ExternalId: externalId, ...more });
}

async function session(
  as: Credentials,
  more: Partial<AssumeRoleCommandInput> = {},
): Promise<Credentials> {
  const { Credentials: given } = await assume(as, more);
  assert.ok(given?.AccessKeyId && given.SecretAccessKey && given.SessionToken);
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
  };
}

const putInside = () => new PutObjectCommand({ Bucket: 'acme-data', Key: 'in/x', Body: 'x' });

describe('AssumeRole', () => {
  it('gives credentials of the role, which are the caller from then on', async () => {
    const { AssumedRoleUser: user, Credentials: given } = await assume(worker);
    const identity = await stsOf(sandbox, await session(worker)).send(
      new GetCallerIdentityCommand({}),
    );

    assert.equal(user?.Arn, 'arn:aws:sts::222222222222:assumed-role/causeway/run-1');
    assert.match(user?.AssumedRoleId ?? '', /^AROA[A-Z2-7]{17}:run-1$/);
    assert.match(given?.AccessKeyId ?? '', /^ASIA[A-Z2-7]{16}$/);
    assert.ok(Math.abs((given?.Expiration?.getTime() ?? 0) - Date.now() - 3_600_000) < 60_000);
    assert.equal(identity.Arn, user?.Arn);
    assert.equal(identity.Account, '222222222222');
    assert.equal(identity.UserId, user?.AssumedRoleId);
  });

  it('is refused without the external ID, with another one, and for a role that does not exist', async () => {
    const refused: Partial<AssumeRoleCommandInput>[] = [
      { ExternalId: undefined },
      { ExternalId: 'cw-another' },
      { RoleArn: 'arn:aws:iam::222222222222:role/unknown' },
    ];
    for (const more of refused) {
      const failure = await failureOf(assume(worker, more));
      assert.equal(failure.code, 'AccessDenied');
      assert.equal(failure.status, 403);
      assert.equal(
        failure.message,
        `User: arn:aws:iam::111111111111:user/worker is not authorized to perform: sts:AssumeRole on resource: ${more.RoleArn ?? roleArn}`,
      );
    }
  });

  it("needs the caller's own permission across accounts, too", async () => {
    const bare = await createUserWithKey(sandbox, root.operator, 'bare', []);

    assert.equal((await failureOf(assume(bare))).code, 'AccessDenied');
  });

  it('is refused to an account that the role does not trust', async () => {
    const stranger = await createUserWithKey(sandbox, root.globex, 'stranger', [
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ]);

    assert.equal((await failureOf(assume(stranger))).code, 'AccessDenied');
  });

  it('says within the account that no trust policy allows it', async () => {
    const member = await createUserWithKey(sandbox, root.acme, 'member', [
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ]);

    const { message } = await failureOf(assume(member));

    assert.match(message, /because no role trust policy allows the sts:AssumeRole action$/);
  });

  it('is refused to root users', async () => {
    const failure = await failureOf(assume(root.operator));

    assert.equal(failure.code, 'AccessDenied');
    assert.equal(failure.message, 'Roles may not be assumed by root accounts.');
  });

  it('works without the external ID where the trust policy does not ask for it', async () => {
    const iam = iamOf(sandbox, root.acme);
    const update = (id: string | null) =>
      iam.send(
        new UpdateAssumeRolePolicyCommand({ RoleName: 'causeway', PolicyDocument: trust(id) }),
      );

    await update(null);
    const answers = [await assume(worker, { ExternalId: undefined }), await assume(worker)];
    await update(externalId);

    assert.ok(answers.every(({ Credentials: given }) => given?.SessionToken));
  });

  it('refuses parameters in the words of AWS', async () => {
    const expected: readonly (readonly [Partial<AssumeRoleCommandInput>, RegExp])[] = [
      [
        { RoleArn: 'short' },
        /Value 'short' at 'roleArn' failed .* length greater than or equal to 20/,
      ],
      [{ RoleArn: 'arn:aws:iam::222222222222:user/causeway' }, /is invalid$/],
      [{ RoleSessionName: 'a b' }, /at 'roleSessionName' failed .* regular expression pattern/],
      [
        { RoleSessionName: 'x' },
        /at 'roleSessionName' failed .* length greater than or equal to 2/,
      ],
      [{ ExternalId: 'a b' }, /at 'externalId' failed .* regular expression pattern/],
      [
        { DurationSeconds: 899 },
        /Value '899' at 'durationSeconds' failed .* greater than or equal to 900/,
      ],
      [{ DurationSeconds: 43_201 }, /less than or equal to 43200/],
      [{ DurationSeconds: 7201 }, /exceeds the MaxSessionDuration set for this role/],
      [{ Policy: ' '.repeat(2049) }, /at 'policy' failed .* length less than or equal to 2048/],
    ];
    for (const [more, message] of expected) {
      const failure = await failureOf(assume(worker, more));
      assert.equal(failure.code, 'ValidationError');
      assert.equal(failure.status, 400);
      assert.match(failure.message, message);
    }
    assert.equal(
      (await failureOf(assume(worker, { Policy: '{}' }))).code,
      'MalformedPolicyDocument',
    );
    assert.equal(
      (await failureOf(assume(worker, { SerialNumber: 'GAHT12345678', TokenCode: '123456' }))).code,
      'NotImplemented',
    );
  });

  it('gives a session of a role one hour at most', async () => {
    const iam = iamOf(sandbox, root.acme);
    const chained = policy({
      Effect: 'Allow',
      Principal: { AWS: roleArn },
      Action: 'sts:AssumeRole',
    });
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'next',
        AssumeRolePolicyDocument: chained,
        MaxSessionDuration: 7200,
      }),
    );
    const as = await session(worker);
    const RoleArn = 'arn:aws:iam::222222222222:role/next';

    await assume(as, { RoleArn });
    const failure = await failureOf(assume(as, { RoleArn, DurationSeconds: 3601 }));

    assert.match(
      failure.message,
      /exceeds the 1 hour session limit for roles assumed by role chaining/,
    );
  });
});

describe('sessions of a role', () => {
  it('may do what the role may, and no more', async () => {
    const s3 = s3Of(sandbox, await session(worker));

    await s3.send(putInside());
    const outside = await failureOf(
      s3.send(new PutObjectCommand({ Bucket: 'acme-data', Key: 'out/x', Body: 'x' })),
    );

    assert.equal(
      outside.message,
      'User: arn:aws:sts::222222222222:assumed-role/causeway/run-1 is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::acme-data/out/x" because no identity-based policy allows the s3:PutObject action',
    );
  });

  it('are narrowed by a session policy, which never widens them', async () => {
    const Policy = policy({
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject'],
      Resource: 'arn:aws:s3:::acme-data/in/run-1/*',
    });
    const s3 = s3Of(sandbox, await session(worker, { Policy }));

    await s3.send(new PutObjectCommand({ Bucket: 'acme-data', Key: 'in/run-1/x', Body: 'x' }));
    const narrowed = await failureOf(s3.send(putInside()));
    const notWidened = await failureOf(
      s3.send(new GetObjectCommand({ Bucket: 'acme-data', Key: 'in/run-1/x' })),
    );

    assert.match(narrowed.message, /because no session policy allows the s3:PutObject action$/);
    assert.match(
      notWidened.message,
      /because no identity-based policy allows the s3:GetObject action$/,
    );
  });

  it('lose at once what the role loses', async () => {
    const s3 = s3Of(sandbox, await session(worker));
    const iam = iamOf(sandbox, root.acme);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'causeway',
        PolicyName: 'stop',
        PolicyDocument: policy({ Effect: 'Deny', Action: 's3:*', Resource: '*' }),
      }),
    );

    const failure = await failureOf(s3.send(new ListObjectsV2Command({ Bucket: 'acme-data' })));
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'causeway', PolicyName: 'stop' }));

    assert.match(failure.message, /with an explicit deny in an identity-based policy$/);
    await s3.send(putInside());
  });

  it('end when they expire, with the error of each service', async () => {
    const credentials = await session(worker, { DurationSeconds: 900 });
    const s3 = s3Of(sandbox, credentials, { systemClockOffset: 901_000 });
    clockOffset = 901_000;

    const failure = await failureOf(s3.send(putInside()));
    const sts = await send(sandbox, {
      method: 'POST',
      path: '/',
      credentials,
      service: 'sts',
      at: new Date(Date.now() + clockOffset),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });

    assert.equal(failure.code, 'ExpiredToken');
    assert.equal(failure.status, 400);
    assert.equal(failure.message, 'The provided token has expired.');
    assert.equal(sts.status, 403);
    assert.match(sts.body, /<Code>ExpiredToken<\/Code>/);
  });

  it('are nobody without their token, with a wrong one, and when the role is gone', async () => {
    const iam = iamOf(sandbox, root.acme);
    const document = trust(null);
    await iam.send(
      new CreateRoleCommand({ RoleName: 'brief', AssumeRolePolicyDocument: document }),
    );
    const credentials = await session(worker, { RoleArn: 'arn:aws:iam::222222222222:role/brief' });
    const { sessionToken: _, ...withoutToken } = credentials;

    const without = await failureOf(s3Of(sandbox, withoutToken).send(putInside()));
    const wrong = await failureOf(
      s3Of(sandbox, { ...credentials, sessionToken: 'x' }).send(putInside()),
    );
    await iam.send(new DeleteRoleCommand({ RoleName: 'brief' }));
    await iam.send(
      new CreateRoleCommand({ RoleName: 'brief', AssumeRolePolicyDocument: document }),
    );
    const gone = await failureOf(s3Of(sandbox, credentials).send(putInside()));

    assert.equal(without.code, 'InvalidAccessKeyId');
    assert.equal(wrong.code, 'InvalidToken');
    assert.equal(gone.code, 'InvalidAccessKeyId');
  });
});

describe('GetCallerIdentity', () => {
  it('names root users and users', async () => {
    const asRoot = await stsOf(sandbox, root.acme).send(new GetCallerIdentityCommand({}));
    const asUser = await stsOf(sandbox, worker).send(new GetCallerIdentityCommand({}));

    assert.equal(asRoot.Arn, 'arn:aws:iam::222222222222:root');
    assert.equal(asRoot.UserId, '222222222222');
    assert.equal(asUser.Arn, 'arn:aws:iam::111111111111:user/worker');
    assert.match(asUser.UserId ?? '', /^AIDA/);
  });

  it('is answered whatever policies say', async () => {
    const denied = await createUserWithKey(sandbox, root.operator, 'denied', [
      { Effect: 'Deny', Action: '*', Resource: '*' },
    ]);

    const { Account } = await stsOf(sandbox, denied).send(new GetCallerIdentityCommand({}));

    assert.equal(Account, operator);
  });

  it('refuses who cannot be authenticated', async () => {
    const ask = (credentials: Credentials) =>
      failureOf(stsOf(sandbox, credentials).send(new GetCallerIdentityCommand({})));

    const unknown = await ask({ accessKeyId: 'AKIAUNKNOWNUNKNOWN12', secretAccessKey: 'x' });
    const wrong = await ask({ ...root.acme, secretAccessKey: 'wrong' });
    const skewed = await send(sandbox, {
      method: 'POST',
      path: '/',
      credentials: root.acme,
      service: 'sts',
      at: new Date(Date.now() - 3_600_000),
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    const unsigned = await send(sandbox, {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });

    assert.equal(unknown.code, 'InvalidClientTokenId');
    assert.equal(unknown.message, 'The security token included in the request is invalid.');
    assert.equal(wrong.code, 'SignatureDoesNotMatch');
    assert.match(skewed.body, /Signature expired: \d{8}T\d{6}Z is now earlier than/);
    assert.match(unsigned.body, /<Code>MissingAuthenticationToken<\/Code>/);
  });

  it('refuses actions that do not exist', async () => {
    const answer = await send(sandbox, {
      method: 'POST',
      path: '/',
      credentials: root.acme,
      service: 'sts',
      body: 'Action=toString&Version=2011-06-15',
    });

    assert.equal(answer.status, 400);
    assert.match(answer.body, /Could not find operation toString for version 2011-06-15/);
  });
});
