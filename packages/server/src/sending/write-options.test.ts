import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import {
  type CheckReport,
  type Connection,
  guideDocument,
  type SetupGuide,
  type WriteOptionsUpdate,
} from '@causeway/contract';
import { rootCredentials } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';
import { type DeliveryStage, openDeliveryStage, recipientOf } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { deliver, rowSource } from '../testing/row-source.ts';

let stage: DeliveryStage;
let acme: Receiver;
before(async () => {
  stage = await openDeliveryStage({ smallFileKb: 64 });
  acme = await stage.connect('ACME');
  await stage.startWorker();
});
after(() => stage?.close());

const path = () => `/v1/connections/${acme.connection.id}` as const;
const change = (writeOptions: WriteOptionsUpdate) =>
  stage.call<Connection>(`PATCH ${path()}`, { writeOptions });
const guide = () => stage.call<SetupGuide>(`GET ${path()}/setup-guide`);
const clients = () =>
  accountClients(stage.configuration.aws.endpoint ?? '', acme.connection.accountId);

async function checked() {
  const { outcome, steps } = await stage.call<CheckReport>(`POST ${path()}/check`, {});
  const { cause } = steps.find(({ id }) => id === 'object.write') ?? {};
  return { outcome, cause };
}

async function createKey(): Promise<string> {
  const kms = new KMSClient({
    endpoint: stage.configuration.aws.endpoint ?? '',
    region: 'us-east-1',
    credentials: rootCredentials(acme.connection.accountId),
  });
  try {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    return KeyMetadata?.Arn ?? '';
  } finally {
    kms.destroy();
  }
}

/** Does in the customer's account what the guide says, but for the statements named. */
async function allowWhatIsAsked(...without: readonly string[]): Promise<void> {
  const policy = guideDocument(await guide(), 'permissionsPolicy') as {
    readonly Statement: readonly { readonly Sid: string }[];
  };
  const Statement = policy.Statement.filter(({ Sid }) => !without.includes(Sid));
  await clients().iam.send(
    new PutRolePolicyCommand({
      RoleName: acme.connection.roleArn.split('/').at(-1),
      PolicyName: 'causeway',
      PolicyDocument: JSON.stringify({ ...policy, Statement }),
    }),
  );
}

/** Takes writes only as the connection makes them. */
async function demand(kmsKeyArn: string): Promise<void> {
  const { bucket } = acme.connection;
  const only = (Sid: string, key: string, value: string) => ({
    Sid,
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${bucket}/*`,
    Condition: { StringNotEquals: { [`s3:x-amz-${key}`]: value } },
  });
  const encryption = 'server-side-encryption';
  const Statement = [
    only('Acl', 'acl', 'bucket-owner-full-control'),
    only('Kms', encryption, 'aws:kms'),
    only('Key', `${encryption}-aws-kms-key-id`, kmsKeyArn),
  ];
  await clients().s3.send(
    new PutBucketPolicyCommand({
      Bucket: bucket,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
}

async function foundAt(Key: string) {
  const { s3 } = clients();
  const at = { Bucket: acme.connection.bucket, Key };
  const [head, { TagSet = [] }] = await Promise.all([
    s3.send(new HeadObjectCommand(at)),
    s3.send(new GetObjectTaggingCommand(at)),
  ]);
  return {
    encryption: head.ServerSideEncryption,
    key: head.SSEKMSKeyId,
    storageClass: head.StorageClass,
    tags: Object.fromEntries(TagSet.map(({ Key: name = '', Value }) => [name, Value])),
  };
}

function issuesIn(text: string): readonly string[] {
  const { error } = JSON.parse(text) as {
    error: { details: { issues: readonly { path: string }[] } };
  };
  return error.details.issues.map(({ path: field }) => field);
}

describe('A connection with write options', () => {
  it('asks for the rights that they take, finds the one that is missing, and writes every file so', async () => {
    const { documents } = await guide();
    const plain = JSON.stringify(documents.filter(({ side }) => side === 'customer'));
    assert.doesNotMatch(plain, /PutObjectTagging|PutObjectAcl|kms:/);
    const kmsKeyArn = await createKey();
    const tags = { team: 'data', 'cost centre': 'a+b=c/ü' };
    const written = {
      kmsKeyArn,
      storageClass: 'STANDARD_IA',
      tags,
      acl: 'bucket-owner-full-control',
    } as const;

    const changed = await change(written);
    assert.deepEqual([changed.status, changed.lastCheck], ['draft', null]);
    const { text } = await stage.send(`GET ${path()}/setup-guide/message`);
    assert.match(text, /put tags on files under the prefix \(team, cost centre\)/);
    await demand(kmsKeyArn);
    assert.deepEqual(await checked(), { outcome: 'failing', cause: 'tagging_denied' });
    await allowWhatIsAsked('GiveToOwner');
    assert.deepEqual(await checked(), { outcome: 'failing', cause: 'acl_denied' });
    await allowWhatIsAsked('UseKey');
    assert.deepEqual(await checked(), { outcome: 'failing', cause: 'kms_role_denied' });
    await allowWhatIsAsked();
    assert.deepEqual(await checked(), { outcome: 'healthy', cause: undefined });

    const source = rowSource(stage, { id: 'BIGINT' });
    await source.write([{ id: 1 }]);
    const order = await source.order([acme]);
    const { run, manifest, rows } = await deliver(stage, order, acme);
    assert.deepEqual(rows, [{ id: 1 }]);
    await source.write(Array.from({ length: 8_000 }, (_, id) => ({ id })));
    const large = await deliver(stage, order, acme);

    const keys = [recipientOf(run, acme).manifestKey ?? '', manifest.files[0]?.key ?? ''];
    assert.doesNotMatch(manifest.files[0]?.etag ?? '', /-1$/);
    // Too large for one request: its upload asks for all of it when it begins, and KMS at each part.
    assert.match(large.manifest.files[0]?.etag ?? '', /-1$/);
    for (const key of [...keys, large.manifest.files[0]?.key ?? '']) {
      assert.deepEqual(await foundAt(key), {
        encryption: 'aws:kms',
        key: kmsKeyArn,
        storageClass: 'STANDARD_IA',
        tags,
      });
    }
  });

  it('keeps what is not named, and says what cannot be', async () => {
    const before = await stage.call<Connection>(`GET ${path()}`);
    assert.ok(before.owner === 'customer');

    const same = await change({ tags: before.writeOptions.tags });
    const other = await change({ storageClass: null, tags: {} });

    assert.equal(same.status, before.status);
    assert.ok(other.owner === 'customer');
    assert.deepEqual(other.writeOptions, { ...before.writeOptions, storageClass: null, tags: {} });
    const wrong: readonly [object, string][] = [
      [{ storageClass: 'GLACIER' }, 'writeOptions.storageClass'],
      [{ acl: 'public-read' }, 'writeOptions.acl'],
      [{ kmsKeyArn: 'arn:aws:kms:us-east-1:222222222222:alias/mine' }, 'writeOptions.kmsKeyArn'],
      [{ kmsKeyArn: 'arn:aws-cn:kms:cn-north-1:222222222222:key/1' }, 'writeOptions.kmsKeyArn'],
      [{ tags: { 'aws:team': 'x' } }, 'writeOptions.tags.aws:team'],
      [{ tags: { team: 'a<b' } }, 'writeOptions.tags.team'],
      [{ tags: { team: 'x'.repeat(257) } }, 'writeOptions.tags.team'],
      [
        { tags: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'v'])) },
        'writeOptions.tags',
      ],
      [
        {
          tags: Object.fromEntries(Array.from({ length: 3 }, (_, i) => [`k${i}`, 'ü'.repeat(256)])),
        },
        'writeOptions.tags',
      ],
    ];
    for (const [writeOptions, issue] of wrong) {
      const { status, text } = await stage.send(`PATCH ${path()}`, { writeOptions });
      assert.deepEqual([status, issuesIn(text)], [400, [issue]], text);
    }
  });
});
