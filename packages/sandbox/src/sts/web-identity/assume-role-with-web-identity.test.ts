import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  ListOpenIDConnectProvidersCommand,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import {
  acme,
  type Credentials,
  failureOf,
  iamOf,
  policy,
  root,
  s3Of,
  stsOf,
} from '../../testing/clients.ts';
import { type Issuer, startIssuer } from '../../testing/issuer.ts';

const roleArn = `arn:aws:iam::${acme}:role/web`;
let sandbox: Sandbox;
let issuer: Issuer;
let providerArn: string;

before(async () => {
  [sandbox, issuer] = await Promise.all([startSandbox({ port: 0 }), startIssuer('/tenant')]);
  const iam = iamOf(sandbox, root.acme);
  const created = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: issuer.url, ClientIDList: ['causeway'] }),
  );
  providerArn = created.OpenIDConnectProviderArn ?? '';
  await iam.send(
    new CreateRoleCommand({ RoleName: 'web', AssumeRolePolicyDocument: trusts('worker-1') }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'web',
      PolicyName: 'deliver',
      PolicyDocument: policy(
        {
          Effect: 'Allow',
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::acme-web/$\{${issuer.name}:sub}/*`,
        },
        {
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: '*',
          Condition: { StringEquals: { 'aws:FederatedProvider': providerArn } },
        },
      ),
    }),
  );
  await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket: 'acme-web' }));
});
after(() => Promise.all([sandbox.close(), issuer.close()]));

function trusts(subject: string, actions: readonly string[] = []): string {
  return policy({
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: ['sts:AssumeRoleWithWebIdentity', ...actions],
    Condition: {
      StringEquals: { [`${issuer.name}:aud`]: 'causeway', [`${issuer.name}:sub`]: subject },
    },
  });
}

/** Without any credentials: the token alone must do. */
function assume(
  WebIdentityToken: string,
  more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
) {
  const sts = new STSClient({
    endpoint: sandbox.url,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: () => Promise.reject(new Error('Cannot sign: there are no credentials')),
  });
  return sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: 'run-1',
      WebIdentityToken,
      ...more,
    }),
  );
}

async function session(token: string): Promise<Credentials> {
  const { Credentials: given } = await assume(token);
  assert.ok(given?.AccessKeyId && given.SecretAccessKey && given.SessionToken);
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
  };
}

describe('AssumeRoleWithWebIdentity', () => {
  it('gives credentials of the role for a token alone', async () => {
    const answer = await assume(issuer.token());
    const identity = await stsOf(sandbox, await session(issuer.token())).send(
      new GetCallerIdentityCommand({}),
    );

    assert.equal(answer.Provider, `arn:aws:iam::${acme}:oidc-provider/${issuer.name}`);
    assert.equal(answer.Audience, 'causeway');
    assert.equal(answer.SubjectFromWebIdentityToken, 'worker-1');
    assert.equal(answer.AssumedRoleUser?.Arn, `arn:aws:sts::${acme}:assumed-role/web/run-1`);
    assert.equal(identity.Arn, answer.AssumedRoleUser.Arn);
  });

  it('takes the token in the URL, too', async () => {
    const query = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: 'run-1',
      WebIdentityToken: issuer.token(),
    });

    const answer = await fetch(`${sandbox.url}/?${query}`);

    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /<AssumeRoleWithWebIdentityResult>/);
  });

  it('takes tokens signed on elliptic curves', async () => {
    assert.ok((await assume(issuer.token({}, { alg: 'ES256' }))).Credentials?.SessionToken);
  });

  it('lets the policies of the role know the subject and the provider', async () => {
    const s3 = s3Of(sandbox, await session(issuer.token()));
    const put = (Key: string) => new PutObjectCommand({ Bucket: 'acme-web', Key, Body: 'x' });

    await s3.send(put('worker-1/x'));
    await s3.send(new ListObjectsV2Command({ Bucket: 'acme-web' }));
    const failure = await failureOf(s3.send(put('worker-2/x')));

    assert.match(
      failure.message,
      /because no identity-based policy allows the s3:PutObject action$/,
    );
  });

  it('is narrowed by a session policy', async () => {
    const { Credentials: given } = await assume(issuer.token(), {
      Policy: policy({ Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }),
    });
    const s3 = s3Of(sandbox, {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    });

    const failure = await failureOf(
      s3.send(new PutObjectCommand({ Bucket: 'acme-web', Key: 'worker-1/x', Body: 'x' })),
    );

    assert.match(failure.message, /because no session policy allows/);
  });

  it('refuses a subject that the role does not trust, and roles that do not exist', async () => {
    const other = await failureOf(assume(issuer.token({ sub: 'worker-2' })));
    const unknown = await failureOf(
      assume(issuer.token(), { RoleArn: `arn:aws:iam::${acme}:role/unknown` }),
    );

    for (const failure of [other, unknown]) {
      assert.equal(failure.code, 'AccessDenied');
      assert.equal(failure.status, 403);
      assert.equal(failure.message, 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
    }
  });

  it('refuses tokens in the words of AWS', async () => {
    const now = Math.floor(Date.now() / 1000);
    const [head = '', body = '', signature = ''] = issuer.token().split('.');
    const changed = Buffer.from(body, 'base64url').toString().replace('worker-1', 'worker-2');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['not a token', 'InvalidIdentityToken', /^The ID Token provided is not a valid JWT/],
      [`${none}.${body}.${signature}`, 'InvalidIdentityToken', /is not a valid JWT/],
      [
        `${head}.${Buffer.from(changed).toString('base64url')}.${signature}`,
        'InvalidIdentityToken',
        /^The signature of the token is not valid$/,
      ],
      [issuer.token({}, { forged: true }), 'InvalidIdentityToken', /signature/],
      [
        issuer.token({}, { kid: 'unknown' }),
        'InvalidIdentityToken',
        /^Couldn't retrieve verification key from your identity provider, {2}please reference/,
      ],
      [
        issuer.token({ iss: 'https://other.example' }),
        'InvalidIdentityToken',
        /^No OpenIDConnect provider found in your account for https:\/\/other\.example$/,
      ],
      [issuer.token({ aud: 'another' }), 'InvalidIdentityToken', /^Incorrect token audience$/],
      [issuer.token({ azp: 'another' }), 'InvalidIdentityToken', /^Incorrect token audience$/],
      [
        issuer.token({ iat: now - 700, exp: now - 100 }),
        'ExpiredTokenException',
        /^Token expired: current date\/time \d{10} must be before the expiration date\/time \d{10}$/,
      ],
      [issuer.token({ nbf: now + 400 }), 'InvalidIdentityToken', /not valid yet/],
      [issuer.token({ sub: undefined }), 'InvalidIdentityToken', /required claim: sub/],
      [issuer.token({ exp: undefined }), 'InvalidIdentityToken', /required claim: exp/],
    ];
    for (const [token, code, message] of cases) {
      const failure = await failureOf(assume(token));
      assert.equal(failure.code, code, failure.message);
      assert.equal(failure.status, 400);
      assert.match(failure.message, message);
    }
  });

  it('accepts any of several audiences that the provider has', async () => {
    const { Audience } = await assume(issuer.token({ aud: ['elsewhere', 'causeway'] }));

    assert.equal(Audience, 'causeway');
  });

  it('knows providers of the account of the role only', async () => {
    const failure = await failureOf(
      assume(issuer.token(), { RoleArn: 'arn:aws:iam::333333333333:role/web' }),
    );

    assert.equal(
      failure.message,
      `No OpenIDConnect provider found in your account for ${issuer.url}`,
    );
  });

  it('asks the issuer once for its keys, and again when a token needs others', async () => {
    await assume(issuer.token());
    const before = issuer.asked();

    await assume(issuer.token());
    const unchanged = issuer.asked() - before;
    issuer.rotate();
    await assume(issuer.token());

    assert.equal(unchanged, 0);
    assert.equal(issuer.asked() - before, 1);
  });

  it('says that an issuer cannot be reached', async () => {
    const gone = await startIssuer();
    const iam = iamOf(sandbox, root.acme);
    await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: gone.url, ClientIDList: ['causeway'] }),
    );
    await gone.close();

    const failure = await failureOf(assume(gone.token()));

    assert.equal(failure.code, 'IDPCommunicationError');
    assert.equal(failure.status, 400);
  });

  it('takes session tags and the source identity from the token where the role allows it', async () => {
    const claims = {
      'https://aws.amazon.com/source_identity': 'ada',
      'https://aws.amazon.com/tags': { principal_tags: { team: ['blue'] } },
    };
    const iam = iamOf(sandbox, root.acme);
    const update = (document: string) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'web', PolicyDocument: document }));

    const refused = await failureOf(assume(issuer.token(claims)));
    await update(trusts('worker-1', ['sts:TagSession', 'sts:SetSourceIdentity']));
    const answer = await assume(issuer.token(claims));
    await update(trusts('worker-1'));

    assert.equal(refused.message, 'Not authorized to perform sts:TagSession');
    assert.equal(answer.SourceIdentity, 'ada');
    assert.ok((answer.PackedPolicySize ?? 0) > 0);
  });

  it('counts the age of a token by the clock of the sandbox', async () => {
    const token = issuer.token();

    await sandbox.clock.advance(3_600_000);
    const failure = await failureOf(assume(token));

    assert.equal(failure.code, 'ExpiredTokenException');
    await sandbox.clock.set(new Date());
  });
});

describe('OpenID Connect providers', () => {
  it('are created, shown, changed and deleted', async () => {
    const iam = iamOf(sandbox, root.globex);
    const Url = 'https://issuer.example/path';
    const thumbprint = 'a'.repeat(40);
    const { OpenIDConnectProviderArn = '' } = await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url,
        ClientIDList: ['one'],
        ThumbprintList: [thumbprint],
        Tags: [{ Key: 'team', Value: 'blue' }],
      }),
    );
    const taken = await failureOf(iam.send(new CreateOpenIDConnectProviderCommand({ Url })));
    await iam.send(
      new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: 'two' }),
    );
    await iam.send(
      new RemoveClientIDFromOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn,
        ClientID: 'one',
      }),
    );
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn,
        ThumbprintList: ['b'.repeat(40)],
      }),
    );
    const shown = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    const listed = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    const gone = await failureOf(
      iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
    );

    assert.equal(
      OpenIDConnectProviderArn,
      'arn:aws:iam::333333333333:oidc-provider/issuer.example/path',
    );
    assert.equal(taken.code, 'EntityAlreadyExists');
    assert.equal(shown.Url, 'issuer.example/path');
    assert.deepEqual(shown.ClientIDList, ['two']);
    assert.deepEqual(shown.ThumbprintList, ['b'.repeat(40)]);
    assert.deepEqual(shown.Tags, [{ Key: 'team', Value: 'blue' }]);
    assert.deepEqual(listed.OpenIDConnectProviderList, [{ Arn: OpenIDConnectProviderArn }]);
    assert.equal(gone.code, 'NoSuchEntity');
  });

  it('are refused over plain HTTP beyond this machine', async () => {
    const failure = await failureOf(
      iamOf(sandbox, root.globex).send(
        new CreateOpenIDConnectProviderCommand({ Url: 'http://issuer.example' }),
      ),
    );

    assert.equal(failure.code, 'InvalidInput');
  });
});
