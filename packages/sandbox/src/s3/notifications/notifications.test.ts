import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  type Event,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type QueueConfiguration,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import {
  acme,
  createUserWithKey,
  failureOf,
  globex,
  policy,
  root,
  s3Of,
  sqsOf,
} from '../../testing/clients.ts';

let sandbox: Sandbox;
let s3: S3Client;
let sqs: SQSClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  sqs = sqsOf(sandbox, root.acme);
});
after(() => sandbox.close());

let names = 0;

interface Place {
  readonly Bucket: string;
  readonly QueueUrl: string;
  readonly QueueArn: string;
}

/** A bucket, and a queue that lets S3 send the events of this bucket alone. */
async function createPlace(): Promise<Place> {
  names += 1;
  const name = `events-${names}`;
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const QueueArn = `arn:aws:sqs:us-east-1:${acme}:${name}`;
  const place = { Bucket: name, QueueUrl, QueueArn };
  await setPolicy(place, letIn(place));
  return place;
}

function letIn({ Bucket, QueueArn }: Place): object {
  return {
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: QueueArn,
    Condition: {
      ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` },
      StringEquals: { 'aws:SourceAccount': acme },
    },
  };
}

async function setPolicy({ QueueUrl }: Place, ...statements: object[]): Promise<void> {
  const Policy = statements.length === 0 ? '' : policy(...statements);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
}

function configure(Bucket: string, NotificationConfiguration: NotificationConfiguration) {
  return s3.send(
    new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }),
  );
}

/** Tells the queue of these events, and takes the test event out of it. */
async function announce(
  { Bucket, QueueArn, QueueUrl }: Place,
  Events: Event[],
  more: Partial<QueueConfiguration> = {},
): Promise<void> {
  await configure(Bucket, { QueueConfigurations: [{ QueueArn, Events, ...more }] });
  await receive({ QueueUrl });
}

interface S3Event {
  readonly eventVersion: string;
  readonly awsRegion: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly userIdentity: { readonly principalId: string };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: Readonly<Record<string, string>>;
  readonly s3: {
    readonly configurationId: string;
    readonly bucket: { readonly name: string; readonly arn: string };
    readonly object: {
      readonly key: string;
      readonly size?: number;
      readonly eTag?: string;
      readonly versionId?: string;
      readonly sequencer?: string;
    };
  };
}

/** Empties the queue. */
async function receive({ QueueUrl }: Pick<Place, 'QueueUrl'>): Promise<Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

async function eventsOf(place: Place): Promise<S3Event[]> {
  return (await receive(place)).flatMap((body) => body['Records'] as S3Event[]);
}

describe('the notification configuration of a bucket', () => {
  it('is kept as it was given, with an id, and proves its queue by a test event', async () => {
    const place = await createPlace();
    const { Bucket, QueueArn } = place;
    const read = async () => {
      const { $metadata, ...configuration } = await s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket }),
      );
      return configuration;
    };
    const FilterRules = [
      { Name: 'prefix' as const, Value: 'in/' },
      { Name: 'suffix' as const, Value: '.csv' },
    ];

    assert.deepEqual(await read(), {});
    await configure(Bucket, {
      QueueConfigurations: [
        { QueueArn, Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules } } },
      ],
    });
    const { QueueConfigurations: [kept] = [] } = await read();
    const [test] = await receive(place);
    await configure(Bucket, {});

    assert.ok(kept?.Id);
    assert.deepEqual(kept.Events, ['s3:ObjectCreated:*']);
    assert.deepEqual(kept.Filter?.Key?.FilterRules, [
      { Name: 'Prefix', Value: 'in/' },
      { Name: 'Suffix', Value: '.csv' },
    ]);
    assert.equal(test?.['Service'], 'Amazon S3');
    assert.equal(test?.['Event'], 's3:TestEvent');
    assert.equal(test?.['Bucket'], Bucket);
    assert.deepEqual(await read(), {});
  });

  it('is refused while the queue does not let S3 in, for this bucket and account', async () => {
    const place = await createPlace();
    const { Bucket, QueueArn } = place;
    const put = () =>
      configure(Bucket, { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] });
    const messages: string[] = [];

    await setPolicy(place);
    messages.push((await failureOf(put())).message);
    await setPolicy(place, letIn({ ...place, Bucket: 'another' }));
    messages.push((await failureOf(put())).message);
    await setPolicy(place, {
      ...letIn(place),
      Condition: { StringEquals: { 'aws:SourceAccount': globex } },
    });
    messages.push((await failureOf(put())).message);
    await setPolicy(place, letIn(place));
    await put();

    const expected = 'Unable to validate the following destination configurations';
    assert.deepEqual(messages, [expected, expected, expected]);
  });

  it('is refused for what S3 refuses, and for destinations that the sandbox lacks', async () => {
    const { Bucket, QueueArn } = await createPlace();
    const created = ['s3:ObjectCreated:*'] as Event[];
    const queue = (more: Partial<QueueConfiguration>): NotificationConfiguration => ({
      QueueConfigurations: [{ QueueArn, Events: created, ...more }],
    });
    const filtered = (Name: 'prefix' | 'suffix', Value: string) => ({
      QueueArn,
      Events: created,
      Filter: { Key: { FilterRules: [{ Name, Value }] } },
    });
    const refused: readonly (readonly [NotificationConfiguration, string, RegExp])[] = [
      [queue({ QueueArn: 'my-queue' }), 'InvalidArgument', /The ARN could not be parsed/],
      [queue({ QueueArn: `${QueueArn}-2` }), 'InvalidArgument', /Unable to validate/],
      [
        queue({ QueueArn: QueueArn.replace('us-east-1', 'eu-west-1') }),
        'InvalidArgument',
        /region is not valid for the bucket location constraint/,
      ],
      [queue({ Events: ['s3:Nothing' as Event] }), 'InvalidArgument', /not supported/],
      [queue({ Events: ['s3:ObjectRestore:Post'] }), 'NotImplemented', /ObjectRestore/],
      [
        queue({ Filter: { Key: { FilterRules: [{ Name: 'x' as 'prefix', Value: 'x' }] } } }),
        'InvalidArgument',
        /filter rule name must be either prefix or suffix/,
      ],
      [
        {
          QueueConfigurations: [
            { QueueArn, Events: created },
            { QueueArn, Events: ['s3:ObjectCreated:Put'] },
          ],
        },
        'InvalidArgument',
        /Configurations overlap/,
      ],
      [
        { QueueConfigurations: [filtered('prefix', 'a'), filtered('prefix', 'ab')] },
        'InvalidArgument',
        /ambiguously defined/,
      ],
      [
        { QueueConfigurations: [filtered('prefix', 'a'), filtered('suffix', 'b')] },
        'InvalidArgument',
        /ambiguously defined/,
      ],
      [
        {
          TopicConfigurations: [
            { TopicArn: `arn:aws:sns:us-east-1:${acme}:topic`, Events: created },
          ],
        },
        'NotImplemented',
        /TopicConfiguration/,
      ],
      [{ EventBridgeConfiguration: {} }, 'NotImplemented', /EventBridgeConfiguration/],
    ];

    for (const [configuration, code, message] of refused) {
      const failure = await failureOf(configure(Bucket, configuration));
      assert.equal(failure.code, code);
      assert.match(failure.message, message);
    }
    await configure(Bucket, {
      QueueConfigurations: [filtered('prefix', 'a'), filtered('prefix', 'b')],
    });
  });

  it('takes s3:PutBucketNotification to write', async () => {
    const { Bucket } = await createPlace();
    const user = await createUserWithKey(sandbox, root.acme, 'no-notifier', [
      { Effect: 'Allow', Action: 's3:GetBucketNotification', Resource: '*' },
    ]);
    const client = s3Of(sandbox, user);

    await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    const failure = await failureOf(
      client.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }),
      ),
    );

    assert.match(failure.message, /s3:PutBucketNotification/);
  });
});

describe('events of a bucket', () => {
  it('tell of every way in which an object comes, who did it, and what it is', async () => {
    const place = await createPlace();
    const { Bucket } = place;
    await announce(place, ['s3:ObjectCreated:*'], { Id: 'my-rule' });
    const user = await createUserWithKey(sandbox, root.acme, 'uploader', [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
    ]);
    const Key = 'a dir/größe@1.txt';

    const put = await s3Of(sandbox, user).send(
      new PutObjectCommand({ Bucket, Key, Body: 'hello' }),
    );
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: encodeURI(`${Bucket}/${Key}`) }),
    );
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'large' }));
    const { ETag } = await s3.send(
      new UploadPartCommand({ Bucket, Key: 'large', UploadId, PartNumber: 1, Body: 'x' }),
    );
    await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key: 'large',
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    const events = await eventsOf(place);
    const [first] = events;

    assert.deepEqual(
      events.map((event) => [event.eventName, event.s3.object.key]),
      [
        ['ObjectCreated:Put', 'a+dir/gr%C3%B6%C3%9Fe%401.txt'],
        ['ObjectCreated:Copy', 'copy'],
        ['ObjectCreated:CompleteMultipartUpload', 'large'],
      ],
    );
    assert.equal(first?.eventVersion, '2.1');
    assert.equal(first?.awsRegion, 'us-east-1');
    assert.equal(first?.s3.configurationId, 'my-rule');
    assert.equal(first?.s3.bucket.arn, `arn:aws:s3:::${Bucket}`);
    assert.match(first?.userIdentity.principalId ?? '', /^AWS:AIDA/);
    assert.equal(first?.requestParameters.sourceIPAddress, '127.0.0.1');
    assert.equal(first?.responseElements['x-amz-request-id'], put.$metadata.requestId);
    assert.equal(first?.s3.object.size, 5);
    assert.equal(`"${first?.s3.object.eTag}"`, put.ETag);
    assert.equal(first?.s3.object.versionId, undefined);
    const sequencers = events.map((event) => event.s3.object.sequencer ?? '');
    assert.deepEqual(sequencers, [...sequencers].sort());
    assert.equal(new Set(sequencers).size, 3);
  });

  it('tell of versions, delete markers and tags', async () => {
    const place = await createPlace();
    const { Bucket } = place;
    await announce(place, ['s3:ObjectCreated:Put', 's3:ObjectRemoved:*', 's3:ObjectTagging:*']);
    const Key = 'x';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'x' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'plain' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never-was' }));
    await s3.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );

    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await s3.send(
      new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    );
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key, VersionId }] } }));
    const events = await eventsOf(place);

    assert.deepEqual(
      events.map(({ eventName, eventVersion, s3: { object } }) => [
        eventName,
        eventVersion,
        object.versionId,
        object.size,
        object.eTag === undefined,
        object.sequencer === undefined,
      ]),
      [
        ['ObjectCreated:Put', '2.1', undefined, 1, false, false],
        ['ObjectRemoved:Delete', '2.1', undefined, undefined, true, false],
        ['ObjectCreated:Put', '2.1', VersionId, 1, false, false],
        ['ObjectTagging:Put', '2.3', VersionId, undefined, false, true],
        ['ObjectRemoved:DeleteMarkerCreated', '2.1', marker.VersionId, undefined, false, false],
        ['ObjectRemoved:Delete', '2.1', VersionId, undefined, true, false],
      ],
    );
  });

  it('are those of the keys and kinds that the configuration names', async () => {
    const place = await createPlace();
    const { Bucket } = place;
    await announce(place, ['s3:ObjectCreated:Put'], {
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix', Value: 'in/' },
            { Name: 'suffix', Value: '.csv' },
          ],
        },
      },
    });

    for (const Key of ['in/a.csv', 'in/a.txt', 'out/a.csv']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    }
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'in/b.csv', CopySource: `${Bucket}/in/a.csv` }),
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'in/a.csv' }));

    const events = await eventsOf(place);
    assert.deepEqual(
      events.map((event) => event.s3.object.key),
      ['in/a.csv'],
    );
  });

  it('tell of what S3 does by itself when the clock moves on', async () => {
    const place = await createPlace();
    const { Bucket } = place;
    await announce(place, ['s3:LifecycleExpiration:*', 's3:ObjectRemoved:*']);
    const Rules = [
      { ID: 'old', Status: 'Enabled' as const, Filter: { Prefix: '' }, Expiration: { Days: 1 } },
    ];
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
    );
    await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' }));

    await sandbox.clock.advance(3 * 24 * 60 * 60 * 1000);
    const events = await eventsOf(place);

    assert.deepEqual(
      events.map((event) => [event.eventName, event.eventVersion, event.userIdentity.principalId]),
      [['LifecycleExpiration:Delete', '2.3', 's3.amazonaws.com']],
    );
  });

  it('wake a consumer that waits, and stop when the queue lets S3 in no more', async () => {
    const place = await createPlace();
    const { Bucket, QueueUrl } = place;
    await announce(place, ['s3:ObjectCreated:*']);
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));

    await s3.send(new PutObjectCommand({ Bucket, Key: 'seen', Body: 'x' }));
    const { Messages } = await waiting;
    await setPolicy(place);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'unseen', Body: 'x' }));

    assert.match(Messages?.[0]?.Body ?? '', /"key":"seen"/);
    assert.deepEqual(await receive(place), []);
  });
});
