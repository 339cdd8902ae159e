import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { failureOf, kmsOf, root, s3Of, sqsOf } from '../testing/clients.ts';

let dataDir: string;
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-keys-'));
});
after(() => rm(dataDir, { recursive: true, force: true }));

async function withSandbox<T>(
  daysLater: number,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const ahead = daysLater * 24 * 60 * 60 * 1000;
  const sandbox = await startSandbox({ port: 0, dataDir });
  try {
    if (ahead > 0) await sandbox.clock.advance(ahead);
    return await use(sandbox);
  } finally {
    await sandbox.close();
  }
}

describe('keys and queues of a sandbox that keeps its data', () => {
  it('outlive it, with all that they protect and hold', async () => {
    const object = { Bucket: 'acme-kept', Key: 'x' };
    const { KeyId, CiphertextBlob, QueueUrl } = await withSandbox(0, async (sandbox) => {
      const [kms, s3, sqs] = [
        kmsOf(sandbox, root.acme),
        s3Of(sandbox, root.acme),
        sqsOf(sandbox, root.acme),
      ];
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const KeyId = KeyMetadata?.KeyId ?? '';
      await kms.send(new CreateAliasCommand({ AliasName: 'alias/kept', TargetKeyId: KeyId }));
      const { CiphertextBlob } = await kms.send(
        new EncryptCommand({ KeyId: 'alias/kept', Plaintext: Buffer.from('secret') }),
      );
      await s3.send(new CreateBucketCommand({ Bucket: object.Bucket }));
      await s3.send(
        new PutObjectCommand({
          ...object,
          Body: 'hello',
          ServerSideEncryption: 'aws:kms',
          SSEKMSKeyId: 'alias/kept',
        }),
      );
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'kept' }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
      return { KeyId, CiphertextBlob, QueueUrl };
    });

    await withSandbox(0, async (sandbox) => {
      const kms = kmsOf(sandbox, root.acme);
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
      const got = await s3Of(sandbox, root.acme).send(new GetObjectCommand(object));
      // Only the path of a queue's address counts, and the port is another now.
      const { Messages } = await sqsOf(sandbox, root.acme).send(
        new ReceiveMessageCommand({ QueueUrl }),
      );
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));

      assert.equal(Buffer.from(opened.Plaintext ?? []).toString(), 'secret');
      assert.equal(await got.Body?.transformToString(), 'hello');
      assert.equal(Messages?.[0]?.Body, 'x');
    });

    await withSandbox(8, async (sandbox) => {
      const kms = kmsOf(sandbox, root.acme);
      const lost = await failureOf(s3Of(sandbox, root.acme).send(new GetObjectCommand(object)));
      const sealed = await failureOf(kms.send(new DecryptCommand({ CiphertextBlob })));

      assert.equal(lost.code, 'KMS.NotFoundException');
      assert.equal(sealed.code, 'InvalidCiphertextException');
      assert.deepEqual((await kms.send(new ListKeysCommand({}))).Keys, []);
      assert.deepEqual((await kms.send(new ListAliasesCommand({}))).Aliases, []);
    });
  });
});
