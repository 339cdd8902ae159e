import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionsLike } from '../actions/action-info.ts';
import {
  type AccessInput,
  accessDocuments,
  evaluate,
  isPublicPolicy,
  lint,
  PolicyInputError,
  type PolicyKind,
  parsePolicy,
} from '../index.ts';
import {
  actionsOf,
  bucket,
  type Combination,
  combinations,
  customerAccount,
  externalId,
  folderOf,
  inputOf,
  isManaged,
  keyOf,
  operatorAccount,
  receiptFolder,
  type Stage,
  stageOf,
} from './testing/access-stage.ts';

/** Every action that AWS lists for S3, STS and KMS: none may slip through by a wildcard. */
const everyAction = (actionsLike('*') ?? []).map(({ name }) => name);

const kinds: Readonly<Record<string, PolicyKind>> = {
  trustPolicy: 'trust',
  assumeRolePolicy: 'identity',
  permissionsPolicy: 'identity',
  permissionsBoundary: 'boundary',
  sessionPolicy: 'session',
  customerPolicy: 'identity',
  bucketPolicy: 'resource',
  keyPolicy: 'key',
};

function title({ access, capability, partition, hasKey, receipts }: Combination): string {
  const more = `${hasKey ? 'with' : 'without'} a key${receipts ? ', with receipts' : ''}`;
  return `accessDocuments(): ${access}, ${capability}, ${partition}, ${more}`;
}

for (const combination of combinations) {
  describe(title(combination), () => {
    const stage = stageOf(combination);
    const { partition } = combination;
    const arn = `arn:${partition}:s3:::${bucket}`;
    const folder = folderOf(combination);
    const actions = actionsOf(combination);

    it('are policies that AWS takes, of this partition, and none of them public', () => {
      for (const { name, document } of accessDocuments(inputOf(combination))) {
        const kind = kinds[name];
        if (kind === undefined) continue;
        const policy = parsePolicy(JSON.stringify(document), { name, type: kind });

        assert.equal(kind === 'resource' && isPublicPolicy(policy), false, name);
        assert.doesNotMatch(JSON.stringify(document).replaceAll(`arn:${partition}:`, ''), /arn:/);
      }
    });

    it('give the linter nothing to say', () => {
      for (const confine of [false, true]) {
        for (const { name, document } of accessDocuments({ ...inputOf(combination), confine })) {
          const type = kinds[name];
          if (type === undefined) continue;
          const context = { bucket, externalId, accountId: customerAccount };

          assert.deepEqual(lint(JSON.stringify(document), { name, type, context }), []);
        }
      }
    });

    it('allow what is asked', () => {
      for (const action of actions) {
        assert.equal(stage.s3(action, `${arn}/${folder}flights/1.parquet`), 'allowed', action);
      }
      for (const prefix of [folder, `${folder}flights/`]) {
        assert.equal(stage.s3('s3:ListBucket', arn, { 's3:prefix': prefix }), 'allowed', prefix);
      }
    });

    it('allow no other action of AWS, on nothing', () => {
      const object = `${arn}/${folder}flights/1.parquet`;
      const list = { 's3:prefix': folder };
      const others = everyAction.filter(
        (action) => !['s3:ListBucket', 'sts:GetCallerIdentity', ...actions].includes(action),
      );
      assert.ok(others.length > 200);

      for (const action of others) {
        for (const resource of [object, arn, '*']) {
          assert.notEqual(stage.s3(action, resource, list), 'allowed', `${action} ${resource}`);
        }
      }
    });

    it('allow nothing outside the folder', () => {
      const elsewhere = [
        `${arn}/${folder.slice(0, -1)}`,
        `${arn}/${folder.slice(0, -1)}2/1.parquet`,
        `${arn}/${folder.toUpperCase()}1.parquet`,
        `${arn}/x/${folder}1.parquet`,
        `${arn}/private.csv`,
        `${arn}2/${folder}1.parquet`,
        `arn:${partition}:s3:::globex-data/${folder}1.parquet`,
      ];
      for (const action of actions) {
        for (const resource of elsewhere) {
          assert.notEqual(stage.s3(action, resource), 'allowed', `${action} ${resource}`);
        }
      }
      const lists = [{}, '', folder.slice(0, -1), `${folder.slice(0, -1)}2/`, 'other/'].map(
        (prefix) => (typeof prefix === 'string' ? { 's3:prefix': prefix } : prefix),
      );
      for (const list of lists) {
        assert.notEqual(stage.s3('s3:ListBucket', arn, list), 'allowed', JSON.stringify(list));
      }
      const other = `arn:${partition}:s3:::globex-data`;
      assert.notEqual(stage.s3('s3:ListBucket', other, { 's3:prefix': folder }), 'allowed');
    });

    if (combination.receipts) {
      it('let receipts be written, and nothing else', () => provesReceipts(stage, arn));
    }

    it('leave the key to S3, for these objects', () => provesKey(stage, arn));

    if (isManaged(combination.access)) {
      it('demand TLS 1.2, a fresh signature and the right account', () =>
        provesTransport(stage, `${arn}/${folder}1.parquet`));
    }

    if (stage.roleArn !== null) {
      it('let nobody else assume the role', () => {
        if (combination.access === 'web_identity') provesWebIdentity(stage);
        else provesAssume(stage);
      });
    }
  });
}

function provesReceipts(stage: Stage, arn: string): void {
  const receipt = `${arn}/${receiptFolder}run_1`;
  const acl = { 's3:x-amz-acl': 'bucket-owner-full-control' };

  assert.equal(stage.s3('s3:PutObject', receipt), 'allowed');
  assert.equal(stage.s3('s3:PutObject', receipt, acl), 'allowed');
  for (const action of everyAction) {
    if (['s3:PutObject', 's3:GetObject', 'sts:GetCallerIdentity'].includes(action)) continue;
    assert.notEqual(stage.s3(action, receipt), 'allowed', action);
  }
  for (const key of [
    receiptFolder.slice(0, -1),
    `${receiptFolder.slice(0, -1)}2/run_1`,
    'outbound/_causeway/probe',
    'outbound/_causeway/Receipts/run_1',
    'outbound/_manifests/flights/dt=2026-11-22/manifest_run_1.json',
    'outbound/flights/dt=2026-11-22/run_1_00000.parquet',
    `outbound/flights/${receiptFolder}run_1`,
    'inbound/_causeway/receipts/run_1',
    '_causeway/receipts/run_1',
  ]) {
    assert.notEqual(stage.s3('s3:PutObject', `${arn}/${key}`), 'allowed', key);
  }
  assert.notEqual(stage.s3('s3:PutObject', `${arn}2/${receiptFolder}run_1`), 'allowed');
  const stranger = `arn:${stage.combination.partition}:iam::333333333333:user/loader`;
  assert.notEqual(stage.s3('s3:PutObject', receipt, {}, stranger), 'allowed');
  const plain = { 'aws:SecureTransport': 'false' };
  assert.equal(stage.s3('s3:PutObject', receipt, plain), 'explicit_deny');

  const strict = stageOf(stage.combination, { ownerFullControl: true });
  assert.notEqual(strict.s3('s3:PutObject', receipt), 'allowed');
  assert.equal(strict.s3('s3:PutObject', receipt, acl), 'allowed');
  assert.equal(strict.s3('s3:PutObjectAcl', receipt, acl), 'allowed');
  assert.notEqual(strict.s3('s3:PutObjectAcl', receipt), 'allowed');
  assert.notEqual(
    strict.s3('s3:PutObjectAcl', `${arn}/outbound/flights/1.parquet`, acl),
    'allowed',
  );
}

function provesKey(stage: Stage, arn: string): void {
  const { combination } = stage;
  const { region } = combination;
  const folder = folderOf(combination);
  const key = keyOf(combination);
  const via = { 'kms:ViaService': `s3.${region}.amazonaws.com` };
  const forObject = { ...via, 'kms:EncryptionContext:aws:s3:arn': `${arn}/${folder}1.parquet` };
  const forBucket = { ...via, 'kms:EncryptionContext:aws:s3:arn': arn };
  const forReceipt = { ...via, 'kms:EncryptionContext:aws:s3:arn': `${arn}/${receiptFolder}run_1` };
  const { receipts } = combination;
  const writing = actionsOf(combination).includes('s3:PutObject');
  const expected = (needed: boolean) =>
    combination.hasKey && needed ? 'allowed' : 'implicit_deny';

  for (const context of [forObject, forBucket]) {
    assert.equal(stage.kms('kms:Decrypt', key, context), expected(true));
    const needed = writing || (receipts && context === forBucket);
    assert.equal(stage.kms('kms:GenerateDataKey', key, context), expected(needed));
  }
  assert.equal(stage.kms('kms:GenerateDataKey', key, forReceipt), expected(receipts));
  const wider: [action: string, key: string, context: Record<string, string>][] = [
    ['kms:Decrypt', keyOf(combination, '2222bbbb'), forObject],
    ['kms:Decrypt', key, { ...via }],
    ['kms:Decrypt', key, { ...forObject, 'kms:ViaService': `ec2.${region}.amazonaws.com` }],
    ['kms:Decrypt', key, { ...forObject, 'kms:ViaService': 's3.ap-south-1.amazonaws.com' }],
    ['kms:Decrypt', key, { 'kms:EncryptionContext:aws:s3:arn': arn }],
    ['kms:Decrypt', key, { ...via, 'kms:EncryptionContext:aws:s3:arn': `${arn}/other/1` }],
    ['kms:Decrypt', key, { ...via, 'kms:EncryptionContext:aws:s3:arn': `${arn}2/${folder}1` }],
    ...everyAction
      .filter((action) => /^kms:(?!Decrypt$|GenerateDataKey$)/.test(action))
      .map((action): [string, string, Record<string, string>] => [action, key, forObject]),
  ];
  for (const [action, resource, context] of wider) {
    const why = `${action} ${resource} ${JSON.stringify(context)}`;
    assert.notEqual(stage.kms(action, resource, context), 'allowed', why);
  }
}

function provesTransport(stage: Stage, object: string): void {
  const { combination } = stage;
  const [action = ''] = actionsOf(combination);
  const bad = {
    'plain HTTP': { 'aws:SecureTransport': 'false' },
    'TLS 1.1': { 's3:TlsVersion': '1.1' },
    'an old URL': { 's3:authType': 'REST-QUERY-STRING', 's3:signatureAge': '900001' },
    'signature version 2': { 's3:signatureversion': 'AWS' },
  };
  for (const [name, context] of Object.entries(bad)) {
    assert.equal(stage.s3(action, object, context), 'explicit_deny', name);
  }
  const url = { 's3:authType': 'REST-QUERY-STRING', 's3:signatureAge': '900000' };
  assert.equal(stage.s3(action, object, url), 'allowed');
  const stranger = `arn:${combination.partition}:iam::333333333333:user/loader`;
  assert.notEqual(stage.s3(action, object, {}, stranger), 'allowed');
  assert.notEqual(stage.s3(action, object, {}, '*'), 'allowed');
}

function provesAssume(stage: Stage): void {
  const { access, partition } = stage.combination;
  const session = (account: string, role: string) =>
    `arn:${partition}:sts::${account}:assumed-role/${role}/run1`;
  const withId = { 'sts:ExternalId': externalId };
  const managed = access === 'operator_role';
  const right = managed
    ? `arn:${partition}:iam::${customerAccount}:user/loader`
    : session(operatorAccount, 'causeway-assumer');

  assert.equal(stage.assume(right, withId), 'allowed');
  const refused: [name: string, principal: string, context: Record<string, string>][] = [
    ['no external ID', right, {}],
    ['another external ID', right, { 'sts:ExternalId': 'cw-0' }],
    ['a third account', session('333333333333', 'causeway-assumer'), withId],
    ['an anonymous caller', '*', withId],
  ];
  if (!managed) {
    refused.push(
      ['another role of the operator', session(operatorAccount, 'other'), withId],
      ['root', `arn:${partition}:iam::${operatorAccount}:root`, withId],
      ["the customer's own user", `arn:${partition}:iam::${customerAccount}:user/a`, withId],
    );
  }
  for (const [name, principal, context] of refused) {
    assert.notEqual(stage.assume(principal, context), 'allowed', name);
  }
  const account = managed ? operatorAccount : customerAccount;
  const admin = `arn:${partition}:iam::${account}:role/admin`;
  assert.notEqual(stage.assume(right, withId, admin, account), 'allowed');
  if (managed) return;
  const own = `arn:${partition}:iam::${operatorAccount}:role/causeway-admin`;
  assert.equal(stage.assume(right, withId, own, operatorAccount), 'explicit_deny');
}

function provesWebIdentity(stage: Stage): void {
  const { partition } = stage.combination;
  const provider = (issuer: string) =>
    `arn:${partition}:iam::${customerAccount}:oidc-provider/${issuer}`;
  const claims = {
    'identity.example.com:aud': 'sts.amazonaws.com',
    'identity.example.com:sub': 'causeway:acme',
  };
  const mine = provider('identity.example.com');

  assert.equal(stage.assume(mine, claims), 'allowed');
  const refused: [name: string, principal: string, context: Record<string, string>][] = [
    ['another issuer', provider('evil.example.com'), claims],
    ['another subject', mine, { ...claims, 'identity.example.com:sub': 'causeway:globex' }],
    ['a longer subject', mine, { ...claims, 'identity.example.com:sub': 'causeway:acme2' }],
    ['another audience', mine, { ...claims, 'identity.example.com:aud': 'x' }],
    ['no subject', mine, { 'identity.example.com:aud': 'sts.amazonaws.com' }],
    ['no audience', mine, { 'identity.example.com:sub': 'causeway:acme' }],
    ['a role', `arn:${partition}:sts::${operatorAccount}:assumed-role/causeway-assumer/x`, claims],
  ];
  for (const [name, principal, context] of refused) {
    assert.notEqual(stage.assume(principal, context), 'allowed', name);
  }
}

describe('accessDocuments()', () => {
  const combination: Combination = {
    access: 'role',
    capability: 'deliver',
    partition: 'aws',
    region: 'eu-west-1',
    hasKey: true,
    receipts: false,
  };
  const good = inputOf(combination);
  const managed = inputOf({ ...combination, access: 'operator_role' });

  it('confine the role in the bucket policy, however wide its own policies grow', () => {
    const found = accessDocuments({ ...good, confine: true }).find(
      ({ name }) => name === 'bucketPolicy',
    );
    const bucketPolicy = parsePolicy(found?.document ?? {}, { name: 'ours', type: 'resource' });
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    const wide = { Version: '2012-10-17', Statement: everything };
    const decide = (action: string, resource: string, context: object, role = 'causeway') =>
      evaluate(
        {
          principal: `arn:aws:sts::${customerAccount}:assumed-role/${role}/run1`,
          action,
          resource,
          resourceAccount: customerAccount,
          context: { ...context },
        },
        {
          identityPolicies: [parsePolicy(wide, { name: 'wide', type: 'identity' })],
          resourcePolicy: bucketPolicy,
        },
      ).decision;
    const arn = `arn:aws:s3:::${bucket}`;

    assert.equal(decide('s3:PutObject', `${arn}/causeway/1`, {}), 'allowed');
    assert.equal(decide('s3:ListBucket', arn, { 's3:prefix': 'causeway/' }), 'allowed');
    for (const [action, resource, context] of [
      ['s3:DeleteObject', `${arn}/causeway/1`, {}],
      ['s3:PutObject', `${arn}/other/1`, {}],
      ['s3:GetObject', `${arn}/causeway2/1`, {}],
      ['s3:ListBucket', arn, {}],
      ['s3:ListBucket', arn, { 's3:prefix': 'other/' }],
      ['s3:PutBucketPolicy', arn, {}],
    ] as const) {
      assert.equal(decide(action, resource, context), 'explicit_deny', `${action} ${resource}`);
      assert.equal(decide(action, resource, context, 'another'), 'allowed');
    }
  });

  it('let no receipts be written where nothing is delivered', () => {
    for (const capability of ['ingest', 'browse'] as const) {
      for (const access of ['bucket_policy', 'operator_role'] as const) {
        const input = inputOf({ ...combination, access, capability });

        assert.deepEqual(accessDocuments({ ...input, receipts: true }), accessDocuments(input));
      }
    }
  });

  it('name what has to be given, and how', () => {
    const bad: [field: string, input: Partial<AccessInput>][] = [
      ['bucket', { bucket: 'arn:aws:s3:::x' }],
      ['prefix', { prefix: 'causeway' }],
      ['capabilities', { capabilities: [] }],
      ['accountId', { accountId: '2222-2222-2222' }],
      ['partition', { partition: 'azure' }],
      ['externalId', { externalId: 'cw *' }],
      ['operatorPrincipals', { operatorPrincipals: [] }],
      [
        'operatorPrincipals',
        { partition: 'aws-cn', kmsKeyArn: keyOf({ ...combination, partition: 'aws-cn' }) },
      ],
      [
        'principalArn',
        { operatorPrincipals: ['1', '2', '3'].map((n) => `arn:aws:iam::111111111111:role/${n}`) },
      ],
      ['kmsKeyArn', { kmsKeyArn: 'arn:aws:kms:eu-west-1:222222222222:alias/data' }],
      ['kmsKeyArn', { kmsKeyArn: 'arn:aws-cn:kms:cn-north-1:222222222222:key/1' }],
      ['principalName', { principalName: 'a*' }],
      ['label', { label: 'conn_1' }],
      ['origins', { capabilities: ['browse'], origins: ['*'] }],
      ['origins', { capabilities: ['browse'], origins: ['http://app.example.com'] }],
      ['origins', { capabilities: ['browse'], origins: ['https://app.example.com/'] }],
      ['issuer', { access: 'web_identity', issuer: 'identity.example.com' }],
      ['subject', { access: 'web_identity', subject: `\${aws:username}` }],
    ];
    for (const [field, change] of bad) {
      assert.throws(
        () => accessDocuments({ ...good, ...change }),
        (error) => error instanceof PolicyInputError && error.field === field && error.hint !== '',
        `${field} ${JSON.stringify(change)}`,
      );
    }
    const { operatorAccountId: _, ...unnamed } = managed;
    assert.throws(() => accessDocuments(unnamed), /operatorAccountId is missing/);
    assert.throws(
      () =>
        accessDocuments({
          ...managed,
          customerPrincipals: ['222222222222', 'arn:aws:iam::222222222222:role/a'],
        }),
      /customerPrincipals names accounts beside roles/,
    );
  });
});
