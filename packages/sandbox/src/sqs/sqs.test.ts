import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import {
  acme,
  createUserWithKey,
  failureOf,
  globex,
  policy,
  root,
  sqsOf,
} from '../testing/clients.ts';
import { send as sendRaw } from '../testing/raw-request.ts';

let sandbox: Sandbox;
let sqs: SQSClient;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  sqs = sqsOf(sandbox, root.acme);
});
after(() => sandbox.close());

let queues = 0;
async function createQueue(Attributes: Record<string, string> = {}): Promise<string> {
  queues += 1;
  const QueueName = `queue-${queues}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl ?? '';
}

async function send(QueueUrl: string, MessageBody: string, DelaySeconds?: number): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
}

async function receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) {
  const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }));
  return answer.Messages ?? [];
}

async function attributesOf(QueueUrl: string): Promise<Record<string, string>> {
  const answer = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return answer.Attributes ?? {};
}

describe('a queue', () => {
  it('is created once, found by its name, listed, described, tagged and deleted', async () => {
    const QueueName = 'first';
    const create = (VisibilityTimeout: string) =>
      sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout } }));

    const { QueueUrl = '' } = await create('40');
    const again = await create('40');
    const other = await failureOf(create('41'));
    const found = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const listed = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'fir' }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: 'b' } }));
    const tags = await sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    const attributes = await attributesOf(QueueUrl);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    const gone = await failureOf(sqs.send(new GetQueueUrlCommand({ QueueName })));

    assert.equal(QueueUrl, `${sandbox.url}/${acme}/first`);
    assert.equal(again.QueueUrl, QueueUrl);
    assert.equal(other.code, 'QueueAlreadyExists');
    assert.match(other.message, /different value for attribute VisibilityTimeout$/);
    assert.equal(found.QueueUrl, QueueUrl);
    assert.deepEqual(listed.QueueUrls, [QueueUrl]);
    assert.deepEqual(tags.Tags, { a: 'b' });
    assert.equal(attributes['VisibilityTimeout'], '40');
    assert.equal(attributes['MessageRetentionPeriod'], '345600');
    assert.equal(attributes['QueueArn'], `arn:aws:sqs:us-east-1:${acme}:first`);
    assert.deepEqual(
      [gone.status, gone.code, gone.message],
      [400, 'AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.'],
    );
  });

  it('refuses names, attributes and kinds that it cannot have', async () => {
    const QueueUrl = await createQueue();
    const set = (Attributes: Record<string, string>) =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    const failures = [
      await failureOf(sqs.send(new CreateQueueCommand({ QueueName: 'a.fifo' }))),
      await failureOf(sqs.send(new CreateQueueCommand({ QueueName: 'a b' }))),
      await failureOf(set({ VisibilityTimeout: '43201' })),
      await failureOf(set({ Colour: 'red' })),
      await failureOf(set({ Policy: '{}' })),
      await failureOf(set({ RedrivePolicy: '{"deadLetterTargetArn":"x","maxReceiveCount":1}' })),
    ];

    assert.deepEqual(
      failures.map((failure) => failure.code),
      [
        'AWS.SimpleQueueService.UnsupportedOperation',
        'InvalidParameterValue',
        'InvalidAttributeValue',
        'InvalidAttributeName',
        'InvalidAttributeValue',
        'InvalidAttributeValue',
      ],
    );
  });

  it('is purged, though not twice in a minute', async () => {
    const QueueUrl = await createQueue();
    await send(QueueUrl, 'x');

    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const again = await failureOf(sqs.send(new PurgeQueueCommand({ QueueUrl })));

    assert.deepEqual(await receive(QueueUrl), []);
    assert.deepEqual(
      [again.status, again.code],
      [403, 'AWS.SimpleQueueService.PurgeQueueInProgress'],
    );
  });
});

describe('a message', () => {
  it('arrives unharmed, with its attributes, as the SDK verifies by their MD5', async () => {
    const QueueUrl = await createQueue();
    const MessageAttributes = {
      text: { DataType: 'String', StringValue: 'größe' },
      'trace.a': { DataType: 'Number.int', StringValue: '42' },
      'trace.b': { DataType: 'Binary', BinaryValue: Buffer.from([0, 1, 255]) },
    };

    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hällo ✓', MessageAttributes }));
    const [message] = await receive(QueueUrl, {
      MessageAttributeNames: ['text', 'trace.*'],
      MessageSystemAttributeNames: ['All'],
    });

    assert.equal(message?.Body, 'hällo ✓');
    assert.equal(message?.MessageAttributes?.['text']?.StringValue, 'größe');
    assert.equal(message?.MessageAttributes?.['trace.a']?.DataType, 'Number.int');
    assert.deepEqual(
      [...(message?.MessageAttributes?.['trace.b']?.BinaryValue ?? [])],
      [0, 1, 255],
    );
    assert.equal(message?.Attributes?.['ApproximateReceiveCount'], '1');
    assert.equal(message?.Attributes?.['SenderId'], acme);
    assert.match(message?.Attributes?.['SentTimestamp'] ?? '', /^\d{13}$/);
  });

  it('is hidden from others while somebody has it, comes back, and goes when it is deleted', async () => {
    const QueueUrl = await createQueue({ VisibilityTimeout: '60' });
    await send(QueueUrl, 'x');

    const [first] = await receive(QueueUrl);
    const hidden = await receive(QueueUrl);
    const counts = await attributesOf(QueueUrl);
    await sandbox.clock.advance(61_000);
    const [second] = await receive(QueueUrl, {
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    // An old receipt is answered with success and deletes nothing.
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: second?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    const [third] = await receive(QueueUrl);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third?.ReceiptHandle }));
    await sandbox.clock.advance(61_000);

    assert.deepEqual(hidden, []);
    assert.equal(counts['ApproximateNumberOfMessages'], '0');
    assert.equal(counts['ApproximateNumberOfMessagesNotVisible'], '1');
    assert.equal(second?.MessageId, first?.MessageId);
    assert.equal(second?.Attributes?.['ApproximateReceiveCount'], '2');
    assert.equal(third?.Body, 'x');
    assert.deepEqual(await receive(QueueUrl), []);
  });

  it('waits for its delay, and is not kept longer than its queue keeps any', async () => {
    const QueueUrl = await createQueue({ MessageRetentionPeriod: '120' });
    await send(QueueUrl, 'later', 30);
    await send(QueueUrl, 'now');

    const early = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
    await sandbox.clock.advance(31_000);
    const late = await receive(QueueUrl, { MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    await sandbox.clock.advance(100_000);

    assert.deepEqual(
      early.map((message) => message.Body),
      ['now'],
    );
    assert.ok(late.some((message) => message.Body === 'later'));
    assert.deepEqual(await receive(QueueUrl, { MaxNumberOfMessages: 10 }), []);
  });

  it('is waited for, and handed over as soon as it comes or is visible again', async () => {
    const QueueUrl = await createQueue();
    const begun = Date.now();

    const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
    await send(QueueUrl, 'came');
    const [came] = await waiting;
    const again = receive(QueueUrl, { WaitTimeSeconds: 20 });
    await sandbox.clock.advance(31_000);
    const [back] = await again;
    const nothing = await receive(QueueUrl, { WaitTimeSeconds: 1 });

    assert.equal(came?.Body, 'came');
    assert.equal(back?.MessageId, came?.MessageId);
    assert.deepEqual(nothing, []);
    // One that was waited for in vain would have taken these alone.
    assert.ok(Date.now() - begun < 20_000);
  });

  it('goes to the dead-letter queue when it was received too often', async () => {
    const deadUrl = await createQueue();
    const { QueueArn: deadLetterTargetArn } = await attributesOf(deadUrl);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
    const QueueUrl = await createQueue({ RedrivePolicy, VisibilityTimeout: '0' });
    await send(QueueUrl, 'poison');

    for (const _attempt of [1, 2]) assert.equal((await receive(QueueUrl)).length, 1);
    const third = await receive(QueueUrl);
    const [dead] = await receive(deadUrl, { MessageSystemAttributeNames: ['All'] });

    assert.deepEqual(third, []);
    assert.equal(dead?.Body, 'poison');
    assert.equal(
      dead?.Attributes?.['DeadLetterQueueSourceArn'],
      (await attributesOf(QueueUrl))['QueueArn'],
    );
  });

  it('is sent, hidden and deleted by tens, each with an outcome of its own', async () => {
    const QueueUrl = await createQueue({ MaximumMessageSize: '1024' });
    const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: Id }));

    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [...Entries, { Id: 'large', MessageBody: 'x'.repeat(1025) }],
      }),
    );
    const received = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
    const handles = received.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
    }));
    const hidden = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: handles.map((handle) => ({ ...handle, VisibilityTimeout: 100 })),
      }),
    );
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [...handles, { Id: 'wrong', ReceiptHandle: 'nonsense' }],
      }),
    );

    assert.deepEqual(
      sent.Successful?.map((one) => one.Id),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      sent.Failed?.map((one) => [one.Id, one.Code, one.SenderFault]),
      [['large', 'InvalidParameterValue', true]],
    );
    assert.deepEqual(
      received.map((message) => message.Body),
      ['a', 'b', 'c'],
    );
    assert.equal(hidden.Successful?.length, 3);
    assert.equal(deleted.Successful?.length, 3);
    assert.equal(deleted.Failed?.[0]?.Code, 'ReceiptHandleIsInvalid');
    assert.equal((await attributesOf(QueueUrl))['ApproximateNumberOfMessagesNotVisible'], '0');
  });

  it('is refused in the words of SQS', async () => {
    const QueueUrl = await createQueue();
    const message = (more: object) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', ...more }));
    const many = Array.from({ length: 11 }, (_, index) => ({
      Id: String(index),
      MessageBody: 'x',
    }));
    const twice = [
      { Id: 'a', MessageBody: 'x' },
      { Id: 'a', MessageBody: 'x' },
    ];
    const batch = (Entries: typeof many) =>
      sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

    const failures = [
      await failureOf(message({ MessageBody: '' })),
      await failureOf(message({ MessageBody: 'x\u0000' })),
      await failureOf(message({ DelaySeconds: 901 })),
      await failureOf(receive(QueueUrl, { MaxNumberOfMessages: 11 })),
      await failureOf(receive(QueueUrl, { WaitTimeSeconds: 21 })),
      await failureOf(batch(many)),
      await failureOf(batch(twice)),
      await failureOf(batch([])),
    ];

    assert.deepEqual(
      failures.map((failure) => failure.code),
      [
        'MissingParameter',
        'InvalidMessageContents',
        'InvalidParameterValue',
        'InvalidParameterValue',
        'InvalidParameterValue',
        'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
        'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
        'AWS.SimpleQueueService.EmptyBatchRequest',
      ],
    );
    assert.equal(failures[0]?.message, 'The request must contain the parameter MessageBody.');
    assert.equal(
      failures[3]?.message,
      'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    );
  });
});

describe('access to a queue', () => {
  it('is by identity policies within the account', async () => {
    const QueueUrl = await createQueue();
    const reader = sqsOf(
      sandbox,
      await createUserWithKey(sandbox, root.acme, 'reader', [
        { Effect: 'Allow', Action: 'sqs:ReceiveMessage', Resource: '*' },
      ]),
    );

    await reader.send(new ReceiveMessageCommand({ QueueUrl }));
    const refused = await failureOf(
      reader.send(
        new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] }),
      ),
    );

    const { QueueArn } = await attributesOf(QueueUrl);
    assert.deepEqual(
      [refused.status, refused.code, refused.message],
      [
        403,
        'AccessDenied',
        `User: arn:aws:iam::${acme}:user/reader is not authorized to perform: sqs:sendmessage on resource: ${QueueArn} because no identity-based policy allows the sqs:sendmessage action`,
      ],
    );
  });

  it('is opened to another account by its policy, to use and not to manage', async () => {
    const QueueUrl = await createQueue();
    const { QueueArn } = await attributesOf(QueueUrl);
    const partner = sqsOf(sandbox, root.globex);
    const use = () => partner.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));

    const before = await failureOf(use());
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: {
          Policy: policy({
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${globex}:root` },
            Action: 'sqs:*',
            Resource: QueueArn,
          }),
        },
      }),
    );
    await use();
    const manage = await failureOf(partner.send(new DeleteQueueCommand({ QueueUrl })));

    assert.equal(before.code, 'AccessDenied');
    assert.equal(manage.code, 'AccessDenied');
    assert.equal((await receive(QueueUrl))[0]?.Body, 'x');
  });
});

describe('the query protocol of SQS', () => {
  const call = (parameters: Record<string, string>, credentials = root.acme) =>
    sendRaw(sandbox, {
      method: 'POST',
      path: '/',
      body: new URLSearchParams({ Version: '2012-11-05', ...parameters }).toString(),
      service: 'sqs',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      credentials,
    });

  it('says the same in XML, as clients from before the end of 2023 speak it', async () => {
    const QueueUrl = await createQueue();
    const sent = await call({
      Action: 'SendMessageBatch',
      QueueUrl,
      'SendMessageBatchRequestEntry.1.Id': 'a',
      'SendMessageBatchRequestEntry.1.MessageBody': 'x & y',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Name': 'colour',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType': 'String',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue': 'red',
      'SendMessageBatchRequestEntry.2.Id': 'b',
      'SendMessageBatchRequestEntry.2.MessageBody': '',
    });
    const received = await call({
      Action: 'ReceiveMessage',
      QueueUrl,
      MaxNumberOfMessages: '10',
      'AttributeName.1': 'ApproximateReceiveCount',
      'MessageAttributeName.1': 'All',
    });
    const attributes = await call({
      Action: 'GetQueueAttributes',
      QueueUrl,
      'AttributeName.1': 'QueueArn',
    });

    assert.equal(sent.status, 200);
    assert.match(
      sent.body,
      /<SendMessageBatchResultEntry><Id>a<.*<BatchResultErrorEntry><Id>b<.*<Code>MissingParameter</,
    );
    assert.match(
      received.body,
      /<ReceiveMessageResult><Message><MessageId>.*<Body>x &amp; y<\/Body>/,
    );
    assert.match(
      received.body,
      /<Attribute><Name>ApproximateReceiveCount<\/Name><Value>1<\/Value><\/Attribute>/,
    );
    assert.match(
      received.body,
      /<MessageAttribute><Name>colour<\/Name><Value><DataType>String<\/DataType><StringValue>red</,
    );
    assert.match(attributes.body, /<Value>arn:aws:sqs:us-east-1:\d{12}:queue-\d+<\/Value>/);
  });

  it('refuses by the older names of errors', async () => {
    const none = await call({ Action: 'GetQueueUrl', QueueName: 'none' });
    const wrong = await call({ Action: 'ListQueues' }, { ...root.acme, secretAccessKey: 'x' });
    const unknown = await call({ Action: 'Dance' });

    assert.match(none.body, /<Code>AWS\.SimpleQueueService\.NonExistentQueue<\/Code>/);
    assert.match(wrong.body, /<Code>SignatureDoesNotMatch<\/Code>/);
    assert.match(unknown.body, /<Code>InvalidAction<\/Code>/);
  });
});
