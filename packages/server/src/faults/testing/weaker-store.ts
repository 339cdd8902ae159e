import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  type CheckReport,
  type Connection,
  type Customer,
  guideDocument,
  guideValue,
  type SetupGuide,
} from '@causeway/contract';
import type { FaultEffect } from '@causeway/sandbox';
import { accountClients, createAccessKey, createUser } from '@causeway/sandbox/clients';
import { recipientOf } from '../../testing/delivery-stage.ts';
import { choose, seed } from './choose.ts';
import type { FaultStage } from './fault-stage.ts';
import type { Moment } from './one-life.ts';
import type { Recipient } from './prove-exactly-once.ts';
import type { Scenarios, Setting } from './setting.ts';

/** As a store of its first years, before S3 itself had any of it. */
const ignored: FaultEffect = {
  type: 'ignore_headers',
  names: [
    'if-none-match',
    'x-amz-checksum-algorithm',
    'x-amz-checksum-type',
    'x-amz-checksum-crc32',
    'x-amz-sdk-checksum-algorithm',
  ],
};
const accountId = '222222222222';

/** A store that neither decides on create-only writes nor verifies checksums. */
export async function weakerStore({ stage, orders: [known] }: Setting): Promise<Scenarios> {
  const bucket = 'weaker-store';
  const ignoring = () => stage.inject({ operation: '*', bucket, effect: ignored });
  const fault = await ignoring();
  const { recipient, report } = await connectByKey(stage, bucket);
  await fault.remove();
  assert.ok(known);
  const newOrder = () => stage.againFor(known.order, recipient.customer);
  const { s3 } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);

  return () => {
    describe(`A store without create-only writes and checksums, seed ${seed}`, () => {
      beforeEach(async () => {
        await stage.removeFaults();
        await ignoring();
      });

      it('is found out by the check', () => {
        assert.equal(report.outcome, 'healthy', JSON.stringify(report.steps, null, 1));
        assert.equal(report.storeCapabilities?.conditionalComplete, false);
        assert.equal(report.storeCapabilities.checksums, false);
      });

      const moments = ['completeMultipartUpload', 'putObject'].flatMap((call) =>
        (['before', 'after'] as const).map((when) => ({ call: `bucket.${call}`, nth: 1, when })),
      );
      const fates = moments.flatMap((moment: Moment) =>
        (['death', 'standstill'] as const).map((type) => ({ moment, type })),
      );
      for (const { moment, type } of choose('weaker', fates, 2)) {
        it(`gets one delivery though ${type} came ${moment.when} ${moment.call}, and its manifest says what is weaker`, async () => {
          const own = await newOrder();
          const run = await stage.startRun(own);
          const first = stage.live(run, { moment, type });
          await Promise.race([first.reached, first.ended]);
          await stage.live(run).ended;
          first.wake();
          await first.ended;

          const manifest = await stage.proveExactlyOnce(own, recipient, [await stage.getRun(run)]);
          assert.deepEqual(manifest.weakerGuarantees, ['create_only', 'checksums']);
        });
      }

      it("still sees somebody else's object before it completes an upload over it", async () => {
        const own = await newOrder();
        const run = await stage.startRun(own);
        const moment = { call: 'bucket.completeMultipartUpload', nth: 1, when: 'before' } as const;
        const life = stage.live(run, { moment, type: 'standstill' });
        await life.reached;
        const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
        const Key = Uploads[0]?.Key;
        assert.ok(Key !== undefined);
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'theirs' }));
        life.wake();
        await life.ended;

        const { state, failure } = recipientOf(await stage.getRun(run), recipient);
        assert.deepEqual([state, failure?.code], ['failed', 'object_exists']);
        assert.deepEqual(await recipient.openUploads(), []);
      });
    });
  };
}

async function connectByKey(
  stage: FaultStage,
  bucket: string,
): Promise<{ readonly recipient: Recipient; readonly report: CheckReport }> {
  const { call } = stage;
  const endpoint = stage.configuration.aws.endpoint ?? '';
  const customer = await call<Customer>('POST /v1/customers', { name: bucket, reference: 'ORD' });
  const connection = await call<Connection>('POST /v1/connections', {
    customerId: customer.id,
    access: 'access_key',
    location: `s3://${bucket}/causeway/`,
    accountId,
    endpoint,
  });
  const guide = await call<SetupGuide>(`GET /v1/connections/${connection.id}/setup-guide`);
  const { iam, s3 } = accountClients(endpoint, accountId);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const userName = guideValue(guide, 'userName');
  await createUser(iam, userName, guideDocument(guide, 'permissionsPolicy'));
  const key = await createAccessKey(iam, userName);
  await call(`POST /v1/connections/${connection.id}/access-keys`, key);
  const report = await call<CheckReport>(`POST /v1/connections/${connection.id}/check`, {});
  const recipient: Recipient = {
    customer,
    connection: { accountId, bucket, prefix: connection.prefix },
    async openUploads() {
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return Uploads.map(({ Key }) => Key ?? '');
    },
  };
  return { recipient, report };
}
