import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { rootCredentials } from '@causeway/sandbox';
import { accountClients } from '@causeway/sandbox/clients';
import { recipientOf } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { choose, seed } from './testing/choose.ts';
import { openFaultStage } from './testing/fault-stage.ts';
import type { Moment } from './testing/one-life.ts';

const stage = await openFaultStage();
after(() => stage.close());
const stranger = '333333333333';
const sandbox = { endpoint: stage.configuration.aws.endpoint ?? '', forcePathStyle: true };

/** What happens to a customer's bucket in the middle of a run, and how it is mended. */
interface Change {
  readonly name: string;
  readonly code: string;
  readonly happen: (receiver: Receiver) => Promise<() => Promise<void>>;
}

const gone: Change = {
  name: 'the bucket is gone',
  code: 'bucket_not_found',
  async happen(receiver) {
    await receiver.abortUploads();
    await receiver.deleteBucket();
    return () => receiver.createBucket();
  },
};

const changes: readonly Change[] = [
  gone,
  {
    name: 'the bucket belongs to a stranger',
    code: 'access_denied',
    async happen(receiver) {
      await receiver.abortUploads();
      await receiver.deleteBucket();
      const { s3 } = accountClients(sandbox.endpoint, stranger);
      const { bucket } = receiver.connection;
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      return async () => {
        const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
        assert.equal(KeyCount, 0, 'what the stranger was given');
        await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
        await receiver.createBucket();
      };
    },
  },
  {
    name: 'the bucket is made anew in another region',
    code: 'bucket_region_mismatch',
    async happen(receiver) {
      await receiver.abortUploads();
      await receiver.deleteBucket();
      await receiver.createBucket('eu-west-1');
      const { accountId, bucket } = receiver.connection;
      const credentials = rootCredentials(accountId);
      return async () => {
        const there = new S3Client({ ...sandbox, region: 'eu-west-1', credentials });
        await there.send(new DeleteBucketCommand({ Bucket: bucket }));
        await receiver.createBucket();
      };
    },
  },
  {
    name: 'the role loses its rights',
    code: 'access_denied',
    happen: (receiver) => receiver.lockOut(),
  },
];

const before = (call: string): Moment => ({ call: `bucket.${call}`, nth: 1, when: 'before' });
const moments = ['createMultipartUpload', 'uploadPart', 'completeMultipartUpload'].map(before);

// Everybody gets all rows, so that the query is asked once for all.
const first = await stage.order([await stage.connect('customer-0')], {
  dataset: { customerColumn: null },
});
let customers = 0;

async function newOrder() {
  const receiver = await stage.connect(`customer-${++customers}`);
  return { receiver, order: await stage.again(first, [receiver]) };
}

describe(`A run in whose middle the world changes, seed ${seed}`, () => {
  const cases = changes.flatMap((change) => moments.map((moment) => ({ change, moment })));
  for (const { change, moment } of choose('changes', cases, 5)) {
    it(`says so when ${change.name} before ${moment.call}, and a later run delivers once`, async () => {
      const { receiver, order } = await newOrder();
      const run = await stage.startRun(order);
      const life = stage.live(run, { moment, type: 'standstill' });
      await life.reached;
      const mend = await change.happen(receiver);
      life.wake();
      await life.ended;
      const { state, sequence, failure } = recipientOf(await stage.getRun(run), receiver);

      assert.deepEqual([state, sequence], ['failed', null], JSON.stringify(failure));
      assert.deepEqual([failure?.code, failure?.side], [change.code, 'customer']);
      assert.match(failure?.hint ?? '', /\w/);
      await mend();
      await receiver.abortUploads();
      assert.deepEqual(await receiver.keysOf(order.dataset.name), []);
      const next = await stage.startRun(order);
      await stage.live(next).ended;
      await stage.proveExactlyOnce(order, receiver, [await stage.getRun(next)]);
    });
  }

  it('goes on where it was when rights are lost before its manifest is sent and come back', async () => {
    const { receiver, order } = await newOrder();
    const run = await stage.startRun(order);
    const life = stage.live(run, { moment: before('putObject'), type: 'standstill' });
    await life.reached;
    const giveBack = await receiver.lockOut();
    life.wake();
    const { outcome } = await life.ended;
    await giveBack();

    // Its number may have been seen: nobody else may get it.
    assert.equal(outcome, 'released');
    await stage.live(run).ended;
    await stage.proveExactlyOnce(order, receiver, [await stage.getRun(run)]);
  });
});
