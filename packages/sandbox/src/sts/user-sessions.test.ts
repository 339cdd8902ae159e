import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateRoleCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type Credentials as Given,
} from '@aws-sdk/client-sts';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  acme,
  type Credentials,
  createUserWithKey,
  failureOf,
  iamOf,
  policy,
  root,
  s3Of,
  stsOf,
} from '../testing/clients.ts';

const listsBuckets = { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' };
const ada = `arn:aws:iam::${acme}:user/ada`;
const federated = `arn:aws:sts::${acme}:federated-user/bob`;
let sandbox: Sandbox;
let user: Credentials;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  user = await createUserWithKey(sandbox, root.acme, 'ada', [
    listsBuckets,
    { Effect: 'Allow', Action: ['sts:GetFederationToken', 'sts:AssumeRole'], Resource: '*' },
    { Effect: 'Allow', Action: 'iam:*', Resource: '*' },
  ]);
});
after(() => sandbox.close());

function credentialsOf(given: Given | undefined): Credentials {
  assert.ok(given?.AccessKeyId && given.SecretAccessKey && given.SessionToken);
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
  };
}

async function sessionToken(as: Credentials, DurationSeconds?: number) {
  return stsOf(sandbox, as).send(new GetSessionTokenCommand({ DurationSeconds }));
}

function federationToken(as: Credentials, ...statements: readonly object[]) {
  return stsOf(sandbox, as).send(
    new GetFederationTokenCommand({
      Name: 'bob',
      ...(statements.length > 0 && { Policy: policy(...statements) }),
    }),
  );
}

const identityOf = (as: Credentials) => stsOf(sandbox, as).send(new GetCallerIdentityCommand({}));
const listBuckets = (as: Credentials) => s3Of(sandbox, as).send(new ListBucketsCommand({}));

describe('GetSessionToken', () => {
  it('gives temporary credentials of the user, who is the caller still', async () => {
    const { Credentials: given } = await sessionToken(user);
    const temporary = credentialsOf(given);

    const { Arn } = await identityOf(temporary);
    await listBuckets(temporary);

    assert.equal(Arn, ada);
    assert.match(temporary.accessKeyId, /^ASIA/);
    assert.ok(Math.abs((given?.Expiration?.getTime() ?? 0) - Date.now() - 43_200_000) < 60_000);
  });

  it('gives a root user an hour at most', async () => {
    const { Credentials: given } = await sessionToken(root.acme, 43_200);

    assert.ok((given?.Expiration?.getTime() ?? 0) - Date.now() < 3_660_000);
    assert.equal((await identityOf(credentialsOf(given))).Arn, `arn:aws:iam::${acme}:root`);
  });

  it('is for long-term credentials only, and its own open neither IAM nor more of STS', async () => {
    const temporary = credentialsOf((await sessionToken(user)).Credentials);

    const again = await failureOf(sessionToken(temporary));
    const iam = await failureOf(iamOf(sandbox, temporary).send(new ListUsersCommand({})));
    const info = await failureOf(
      stsOf(sandbox, temporary).send(
        new GetAccessKeyInfoCommand({ AccessKeyId: root.acme.accessKeyId }),
      ),
    );

    assert.equal(again.message, 'Cannot call GetSessionToken with session credentials');
    assert.equal(iam.code, 'InvalidClientTokenId');
    assert.equal(info.code, 'InvalidClientTokenId');
  });

  it('lets the user assume roles, without the limit of role chaining', async () => {
    await iamOf(sandbox, root.acme).send(
      new CreateRoleCommand({
        RoleName: 'role',
        MaxSessionDuration: 7200,
        AssumeRolePolicyDocument: policy({
          Effect: 'Allow',
          Principal: { AWS: ada },
          Action: 'sts:AssumeRole',
          Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
        }),
      }),
    );
    const temporary = credentialsOf((await sessionToken(user)).Credentials);

    const { Credentials: given } = await stsOf(sandbox, temporary).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${acme}:role/role`,
        RoleSessionName: 'run-1',
        DurationSeconds: 7200,
      }),
    );

    assert.ok(given?.SessionToken);
  });

  it('ends with the user', async () => {
    const leaving = await createUserWithKey(sandbox, root.acme, 'leaving', [listsBuckets]);
    const temporary = credentialsOf((await sessionToken(leaving)).Credentials);
    const iam = iamOf(sandbox, root.acme);
    const UserName = 'leaving';

    await listBuckets(temporary);
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: leaving.accessKeyId }));
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'permissions' }));
    await iam.send(new DeleteUserCommand({ UserName }));

    assert.equal((await failureOf(listBuckets(temporary))).code, 'InvalidAccessKeyId');
  });

  it('says that the credentials are temporary', async () => {
    const picky = await createUserWithKey(sandbox, root.acme, 'picky', [
      { ...listsBuckets, Condition: { Null: { 'aws:TokenIssueTime': 'false' } } },
    ]);

    assert.equal((await failureOf(listBuckets(picky))).code, 'AccessDenied');
    await listBuckets(credentialsOf((await sessionToken(picky)).Credentials));
  });
});

describe('GetFederationToken', () => {
  it('gives what both the user and the policy allow, under another name', async () => {
    const answer = await federationToken(user, { Effect: 'Allow', Action: 's3:*', Resource: '*' });
    const temporary = credentialsOf(answer.Credentials);

    await listBuckets(temporary);
    const beyond = await failureOf(
      s3Of(sandbox, temporary).send(new CreateBucketCommand({ Bucket: 'acme-beyond' })),
    );

    assert.equal(answer.FederatedUser?.Arn, federated);
    assert.equal(answer.FederatedUser.FederatedUserId, `${acme}:bob`);
    assert.equal((await identityOf(temporary)).Arn, federated);
    assert.match(
      beyond.message,
      /^User: arn:aws:sts::222222222222:federated-user\/bob is not authorized/,
    );
  });

  it('gives nothing without a policy, but what a resource grants to the federated user', async () => {
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-federated' }));
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket: 'acme-federated',
        Policy: policy({
          Effect: 'Allow',
          Principal: { AWS: federated },
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::acme-federated',
        }),
      }),
    );
    const temporary = credentialsOf((await federationToken(user)).Credentials);

    const { KeyCount } = await s3Of(sandbox, temporary).send(
      new ListObjectsV2Command({ Bucket: 'acme-federated' }),
    );

    assert.equal(KeyCount, 0);
    assert.match(
      (await failureOf(listBuckets(temporary))).message,
      /because no session policy allows the s3:ListAllMyBuckets action$/,
    );
  });

  it('needs a permission, and cannot be had with session credentials', async () => {
    const plain = await createUserWithKey(sandbox, root.acme, 'plain', [listsBuckets]);
    const temporary = credentialsOf((await federationToken(user)).Credentials);

    const refused = await failureOf(federationToken(plain));
    const again = await failureOf(federationToken(temporary));
    const assume = await failureOf(
      stsOf(sandbox, temporary).send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${acme}:role/role`,
          RoleSessionName: 'run-1',
        }),
      ),
    );

    assert.equal(
      refused.message,
      `User: arn:aws:iam::${acme}:user/plain is not authorized to perform: sts:GetFederationToken on resource: ${federated} because no identity-based policy allows the sts:GetFederationToken action`,
    );
    assert.equal(again.message, 'Cannot call GetFederationToken with session credentials');
    assert.equal(assume.code, 'InvalidClientTokenId');
  });
});

describe('GetAccessKeyInfo', () => {
  it('tells whose a key is', async () => {
    const ask = (AccessKeyId: string) =>
      stsOf(sandbox, root.globex).send(new GetAccessKeyInfoCommand({ AccessKeyId }));

    assert.equal((await ask(user.accessKeyId)).Account, acme);
    assert.equal((await ask(root.acme.accessKeyId)).Account, acme);
    assert.equal((await failureOf(ask('AKIAUNKNOWNUNKNOWN12'))).code, 'ValidationError');
  });
});
