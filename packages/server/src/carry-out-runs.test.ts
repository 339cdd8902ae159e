import assert from 'node:assert/strict';
import { copyFile, rename, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '@causeway/contract';
import type { Fault } from '@causeway/sandbox';
import {
  type DeliveryStage,
  type Order,
  openDeliveryStage,
  recipientOf,
} from './testing/delivery-stage.ts';
import type { Receiver } from './testing/receiver.ts';
import type { TestWorker } from './testing/test-worker.ts';

let stage: DeliveryStage;
let acme: Receiver;
let globex: Receiver;
let both: readonly Receiver[];

before(async () => {
  stage = await openDeliveryStage({ concurrentRuns: 4 });
  both = await Promise.all([stage.connect('SFO'), stage.connect('JFK', '333333333333')]);
  [acme, globex] = both as [Receiver, Receiver];
});
after(() => stage?.close());
afterEach(async () => {
  await stage.removeFaults();
  await stage.dropRetries();
});

/** A run whose worker was killed while it waited for the answer to a request, which never took effect. */
async function killedAt(order: Order, fault: Omit<Fault, 'effect'>, caught = 1) {
  return killedAtAll(order, [fault], caught);
}

async function killedAtAll(
  order: Order,
  faults: readonly Omit<Fault, 'effect'>[],
  caught = 1,
): Promise<Run> {
  const held = await Promise.all(
    faults.map((fault) => stage.inject({ ...fault, effect: { type: 'hold' } })),
  );
  const run = await stage.startRun(order);
  const worker = await stage.startWorkerProcess();
  await Promise.all(held.map((fault) => fault.caught(caught)));
  await worker.kill();
  await Promise.all(held.map((fault) => fault.remove()));
  return run;
}

/** Whoever takes the run up now has the journal alone. */
const loseSource = ({ sourcePath }: Order) => rename(sourcePath, `${sourcePath}.lost`);
const restoreSource = ({ sourcePath }: Order) => rename(`${sourcePath}.lost`, sourcePath);

/** The run as the next worker ends it, and what that worker's log says. */
async function endedByNextWorker(run: Run): Promise<{ ended: Run; events: string[] }> {
  const worker = await stage.startWorker();
  const ended = await stage.ended(run);
  await worker.stop();
  return { ended, events: worker.events() };
}

async function proveOneDeliveryEach(order: Order, run: Run): Promise<void> {
  assert.equal(run.state, 'succeeded');
  await Promise.all(
    order.receivers.map((receiver) => stage.proveDelivered(order, receiver, [run])),
  );
}

/** All that a run asks of a bucket, in this order. */
const operations = [
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'PutObject',
] as const;

/** What the sandbox tells of a request. */
interface SandboxRequest {
  readonly path: string;
  readonly principal: string | null;
  readonly statements: readonly { readonly policy: string }[];
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, 'it never came to that');
    await sleep(10);
  }
}

const manifestsOf = ({ dataset }: Order) => `_manifests/${dataset.name}/`;

describe('A worker that is killed with three runs in hand', () => {
  let uploading: Order;
  let uploaded: Order;
  let committing: Order;
  let runs: readonly Run[];
  before(async () => {
    const orders = [await stage.order(both), await stage.order(both), await stage.order(both)];
    [uploading, uploaded, committing] = orders as [Order, Order, Order];
    const { bucket } = globex.connection;
    const moments = [
      { operation: 'UploadPart', bucket, keyIncludes: `/${uploading.dataset.name}/` },
      { operation: 'CompleteMultipartUpload', keyIncludes: `/${uploaded.dataset.name}/` },
      { operation: 'PutObject', keyIncludes: manifestsOf(committing) },
    ];
    const held = await Promise.all(
      moments.map((moment) => stage.inject({ ...moment, effect: { type: 'hold' } })),
    );
    runs = await Promise.all(orders.map((order) => stage.startRun(order)));
    const worker = await stage.startWorkerProcess();
    await Promise.all(held.map((fault, index) => fault.caught(index === 0 ? 1 : 2)));
    await worker.kill();
    await Promise.all(held.map((fault) => fault.remove()));
  });

  const uploadsOf = async (receiver: Receiver, { dataset }: Order) =>
    (await receiver.openUploads()).filter((key) => key.includes(`/${dataset.name}/`));

  it('leaves nothing to be seen before a commit, and files without manifest inside it', async () => {
    assert.deepEqual(await globex.keysOf(uploading.dataset.name), []);
    assert.equal((await uploadsOf(globex, uploading)).length, 1);
    for (const receiver of both) {
      assert.deepEqual(await receiver.keysOf(uploaded.dataset.name), []);
      assert.equal((await uploadsOf(receiver, uploaded)).length, 1);
      const keys = await receiver.keysOf(committing.dataset.name);
      assert.equal(keys.length, 1);
      assert.ok(!keys[0]?.includes(manifestsOf(committing)));
    }
  });

  it('is followed by one that clears up and delivers once, without the source where all is there', async () => {
    const complete = [uploaded, committing];
    await Promise.all(complete.map(loseSource));
    const worker = await stage.startWorker();
    const ended = await Promise.all(runs.map((run) => stage.ended(run)));
    await worker.stop();
    await Promise.all(complete.map(restoreSource));

    assert.ok(worker.events().includes('recipient:cleaned_up'));
    for (const [index, order] of [uploading, uploaded, committing].entries()) {
      const run = ended[index] ?? assert.fail('it has a run');
      assert.equal(run.attempt, 2);
      await proveOneDeliveryEach(order, run);
    }
  });
});

describe('A worker that is killed', () => {
  it('with one customer in its commit and one not prepared: the first is served without the source', async () => {
    const order = await stage.order(both, {
      dataset: { cursorColumn: 'date' },
      delivery: { mode: 'incremental' },
    });
    const { bucket } = globex.connection;
    const first = await firstDayToAcmeOnly(order);
    const run = await killedAtAll(order, [
      { operation: 'CompleteMultipartUpload', bucket: acme.connection.bucket },
      { operation: 'UploadPart', bucket },
    ]);
    assert.equal(recipientOf(await stage.getRun(run), acme).state, 'committing');

    await loseSource(order);
    const { ended } = await endedByNextWorker(run);

    assert.equal(ended.state, 'partial');
    await restoreSource(order);
    const { window } = recipientOf(ended, acme);
    assert.equal(window.from, '2001-01-02T00:00:00.000Z');
    await stage.proveDelivered(order, acme, [first, ended], { window });
    assert.equal(recipientOf(ended, globex).failure?.code, 'source_not_readable');
    assert.deepEqual(await globex.openUploads(), []);
    assert.deepEqual(await globex.keysOf(order.dataset.name), []);
  });

  it('does no harm when its last requests arrive after the next has delivered', async () => {
    const last = [
      { operation: 'CompleteMultipartUpload', bucket: acme.connection.bucket },
      { operation: 'PutObject', bucket: globex.connection.bucket },
    ];
    const order = await stage.order(both);
    const late = await Promise.all(
      last.map((request) =>
        stage.inject({ ...request, times: 1, effect: { type: 'delay', milliseconds: 60_000 } }),
      ),
    );
    const run = await stage.startRun(order);
    const worker = await stage.startWorkerProcess();
    await Promise.all(late.map((fault) => fault.caught()));
    await worker.kill();
    const { ended } = await endedByNextWorker(run);
    await Promise.all(late.map((fault) => fault.remove()));
    await sleep(200);

    assert.equal(ended.attempt, 2);
    await proveOneDeliveryEach(order, ended);
  });

  it('after its manifest was sent, and then the role loses its rights: still delivers once', async () => {
    const order = await stage.order([acme]);
    const late = await stage.inject({
      operation: 'PutObject',
      keyIncludes: manifestsOf(order),
      times: 1,
      effect: { type: 'delay', milliseconds: 60_000 },
    });
    const run = await stage.startRun(order);
    const worker = await stage.startWorkerProcess();
    await late.caught();
    await worker.kill();
    await late.remove();
    await until(async () => (await acme.keysOf(order.dataset.name)).length === 2);
    const giveBack = await acme.lockOut();
    const helpless = await stage.startWorker();
    await until(() =>
      helpless.events().some((event) => event === 'run:released' || event === 'run:finished'),
    );
    await helpless.stop();
    await giveBack();
    const { ended } = await endedByNextWorker(run);

    await proveOneDeliveryEach(order, ended);
  });

  it('inside its commit, and then the role loses its rights: fails, and a later run delivers once', async () => {
    const customer = await stage.connect(nextReference());
    const order = await stage.order([customer]);
    const run = await killedAt(order, { operation: 'CompleteMultipartUpload' });
    const giveBack = await customer.lockOut();
    const { ended } = await endedByNextWorker(run);
    await giveBack();

    assert.equal(ended.state, 'failed');
    assert.equal(recipientOf(ended, customer).failure?.code, 'access_denied');
    assert.deepEqual(await customer.keysOf(order.dataset.name), []);
    const second = await endedByNextWorker(await stage.startRun(order));
    // Nobody was allowed to abort the first run's upload when it failed: the second did.
    assert.ok(second.events.includes('recipient:cleaned_up'));
    await stage.proveDelivered(order, customer, [second.ended]);
  });

  /** A first run that gives acme the first of the two days and fails for globex. */
  async function firstDayToAcmeOnly(order: Order): Promise<Run> {
    const giveBack = await globex.lockOut();
    const run = await stage.startRun(order, { from: null, to: '2001-01-02T00:00:00Z' });
    const { ended } = await endedByNextWorker(run);
    await giveBack();
    assert.equal(ended.state, 'partial');
    return ended;
  }
});

describe('A run', () => {
  it('that two workers find at once is carried out by one', async () => {
    const order = await stage.order(both);
    const { bucket } = globex.connection;
    const held = await stage.inject({ operation: 'UploadPart', bucket, effect: { type: 'hold' } });
    const run = await stage.startRun(order);
    const workers = await Promise.all([stage.startWorker(), stage.startWorkerProcess()]);
    await held.caught();
    await held.remove();
    const ended = await stage.ended(run);
    await Promise.all(workers.map((worker) => worker.stop()));

    assert.equal(ended.attempt, 1);
    const takes = workers.flatMap((worker) => worker.events()).filter((e) => e === 'run:taken');
    assert.equal(takes.length, 1);
    await proveOneDeliveryEach(order, ended);
  });

  it('whose worker is asked to stop is left in good order, and ended by the next', async () => {
    const customer = await stage.connect(nextReference());
    const orders = [await stage.order(both), await stage.order([customer])] as const;
    const moments = [
      { operation: 'UploadPart', bucket: globex.connection.bucket },
      { operation: 'CompleteMultipartUpload', bucket: customer.connection.bucket },
    ];
    const held = await Promise.all(
      moments.map((moment) => stage.inject({ ...moment, effect: { type: 'hold' } })),
    );
    const runs = await Promise.all(orders.map((order) => stage.startRun(order)));
    const worker = await stage.startWorkerProcess();
    await Promise.all(held.map((fault) => fault.caught()));

    assert.equal(await worker.stop(), 0);
    await Promise.all(held.map((fault) => fault.remove()));
    for (const [index, run] of runs.entries()) {
      assert.equal((await stage.getRun(run)).state, 'queued');
      const { dataset, receivers } = orders[index] as Order;
      // Nothing keeps the first customer from its delivery.
      for (const receiver of receivers.filter((other) => other !== acme)) {
        assert.deepEqual(await receiver.keysOf(dataset.name), []);
      }
    }
    const next = await stage.startWorker();
    const ended = await Promise.all(runs.map((run) => stage.ended(run)));
    await next.stop();

    for (const [index, run] of ended.entries()) {
      assert.equal(run.attempt, 2);
      await proveOneDeliveryEach(orders[index] as Order, run);
    }
  });
});

describe('A worker that goes on', () => {
  let worker: TestWorker;
  before(async () => {
    worker = await stage.startWorker();
  });
  after(() => worker?.stop());

  const runToEnd = async (order: Order, window?: Parameters<DeliveryStage['startRun']>[1]) =>
    stage.ended(await stage.startRun(order, window));

  /** A run in the middle of faults, each of which must have caught something. */
  async function runThrough(order: Order, faults: readonly Fault[]): Promise<Run> {
    const injected = await Promise.all(faults.map((fault) => stage.inject(fault)));
    const ended = await runToEnd(order);
    const caught = await Promise.all(injected.map((fault) => fault.remove()));
    assert.ok(!caught.includes(0), `each fault catches a request: ${caught}`);
    return ended;
  }

  it('delivers once when the answer to a request that took effect is lost, whichever it was', async () => {
    const receivers = await Promise.all(operations.map(() => stage.connect(nextReference())));
    const order = await stage.order(receivers);
    const faults = receivers.map(({ connection: { bucket } }, index) => {
      const operation = operations[index] ?? '';
      const keyIncludes = `/${order.dataset.name}/`;
      return { operation, bucket, keyIncludes, times: 1, effect: { type: 'drop_reply' } as const };
    });
    const ended = await runThrough(order, faults);

    assert.equal(ended.state, 'succeeded');
    assert.equal(ended.attempt, 1);
    await Promise.all(
      receivers.map((receiver, index) => {
        // Whoever does not know an upload's id cannot abort it: only the customer sees it.
        const abandoned = operations[index] === 'CreateMultipartUpload' ? 1 : 0;
        return stage.proveDelivered(order, receiver, [ended], { abandoned });
      }),
    );
  });

  it('delivers once through storms of 503 and 500, whatever they hit', async () => {
    const order = await stage.order(both);
    const { bucket } = globex.connection;
    const slowDown = { type: 'fail_before', status: 503, code: 'SlowDown' } as const;
    const internal = { type: 'fail_before', status: 500, code: 'InternalError' } as const;
    const ended = await runThrough(order, [
      ...operations.map((operation) => ({ operation, bucket, times: 1, effect: slowDown })),
      ...operations.map((operation) => ({ operation, bucket, times: 1, effect: internal })),
      { operation: '*', bucket: acme.connection.bucket, times: 3, effect: slowDown },
    ]);

    assert.equal(ended.attempt, 1);
    await proveOneDeliveryEach(order, ended);
  });

  it('delivers to the others while one bucket takes nothing, and to that one when it does', async () => {
    const order = await stage.order(both);
    const { bucket } = globex.connection;
    const held = await stage.inject({ operation: 'UploadPart', bucket, effect: { type: 'hold' } });
    const run = await stage.startRun(order);
    await held.caught();

    await until(async () => recipientOf(await stage.getRun(run), acme).state === 'delivered');
    assert.equal(recipientOf(await stage.getRun(run), globex).state, 'preparing');
    await held.remove();

    await proveOneDeliveryEach(order, await stage.ended(run));
  });

  it('serves the others when one role has lost its rights, and that one alone later', async () => {
    const order = await stage.order(both);
    const first = await runToEnd(order);
    await utimes(order.sourcePath, new Date(), new Date());
    const giveBack = await globex.lockOut();
    const second = await runToEnd(order);
    await giveBack();

    assert.equal(first.state, 'succeeded');
    assert.equal(second.state, 'partial');
    const { state, failure, sequence } = recipientOf(second, globex);
    assert.equal(state, 'failed');
    assert.equal(sequence, null);
    assert.equal(failure?.code, 'access_denied');
    assert.equal(failure.side, 'customer');
    assert.match(failure.hint, /\w/);
    await stage.proveDelivered(order, acme, [first, second]);
    const third = await proveOnlyMissedIsServed(order, second);
    const manifest = await stage.proveDelivered(order, globex, [first, third]);
    assert.equal(manifest.previousRunId, first.id);
  });

  it('serves the others when one bucket is gone, and that one alone later', async () => {
    const lost = await stage.connect(nextReference());
    const order = await stage.order([acme, lost]);
    await lost.deleteBucket();
    const first = await runToEnd(order);
    await lost.createBucket();

    assert.equal(first.state, 'partial');
    const { failure } = recipientOf(first, lost);
    assert.equal(failure?.code, 'bucket_not_found');
    assert.equal(failure.side, 'customer');
    assert.match(failure.hint, /\w/);
    const second = await proveOnlyMissedIsServed(order, first);
    await stage.proveDelivered(order, lost, [second]);
  });

  /** The second receiver missed a run: the next leaves the first as it is, and serves the second. */
  async function proveOnlyMissedIsServed(order: Order, partial: Run): Promise<Run> {
    const [served, missed] = order.receivers as [Receiver, Receiver];
    const before = await served.keysOf(order.dataset.name);
    const next = await runToEnd(order);
    assert.equal(next.state, 'succeeded');
    const unchanged = recipientOf(next, served);
    assert.equal(unchanged.state, 'unchanged');
    assert.equal(unchanged.deliveredByRunId, partial.id);
    assert.deepEqual(await served.keysOf(order.dataset.name), before);
    assert.equal(recipientOf(next, missed).state, 'delivered');
    return next;
  }

  it('gives a customer without rows a manifest without files, and never an empty file', async () => {
    const empty = await stage.connect('NOWHERE');
    const order = await stage.order([acme, empty]);
    const ended = await runToEnd(order);

    assert.equal(ended.state, 'succeeded');
    await stage.proveDelivered(order, acme, [ended]);
    const manifest = await stage.proveDelivered(order, empty, [ended], { files: 0 });
    assert.deepEqual(manifest.files, []);
    assert.ok(manifest.schema.length > 0);
  });

  it('gives every customer the same bytes when the dataset has no customer column', async () => {
    const order = await stage.order(both, { dataset: { customerColumn: null } });
    const ended = await runToEnd(order);

    const ours = await stage.proveDelivered(order, acme, [ended]);
    const theirs = await stage.proveDelivered(order, globex, [ended]);
    assert.equal(ours.files[0]?.sha256, theirs.files[0]?.sha256);
  });

  it('fails one customer of a dataset without customer column, and not the other', async () => {
    const order = await stage.order(both, { dataset: { customerColumn: null } });
    const giveBack = await globex.lockOut();
    const first = await runToEnd(order);
    await giveBack();

    assert.equal(first.state, 'partial');
    await stage.proveDelivered(order, acme, [first]);
    const second = await proveOnlyMissedIsServed(order, first);
    await stage.proveDelivered(order, globex, [second]);
  });

  for (const form of [
    { format: 'jsonl' },
    { format: 'json', compression: 'zstd' },
    { format: 'csv', compression: 'gzip', csv: { delimiter: ';', nullText: 'NULL' } },
    { format: 'parquet', compression: 'gzip' },
  ]) {
    it(`delivers ${Object.values(form).slice(0, 2).join(' with ')}`, async () => {
      const order = await stage.order([acme], { delivery: form });

      await proveOneDeliveryEach(order, await runToEnd(order));
    });
  }

  it('delivers to keys by a template, which the receiver proves as any other', async () => {
    const keyTemplate = '{dataset}/for/{customer}/{year}/{runId}_{index}.{ext}';
    const order = await stage.order(both, { delivery: { keyTemplate } });

    const ended = await runToEnd(order);

    await proveOneDeliveryEach(order, ended);
    const year = ended.createdAt.slice(0, 4);
    const file = `${order.dataset.name}/for/${acme.customer.id}/${year}/${ended.id}_00000.parquet`;
    assert.ok((await acme.keysOf(order.dataset.name)).includes(`causeway/${file}`));
  });

  it('asks of each bucket as its own customer, by a session for this run and its keys alone', async () => {
    const order = await stage.order(both);
    const { id } = await runToEnd(order);
    const answer = await fetch(`${stage.configuration.aws.endpoint}/_sandbox/requests?last=1000`);
    const { requests } = (await answer.json()) as { requests: readonly SandboxRequest[] };
    const asked = requests.filter(({ path }) => path.includes(id));

    for (const { connection } of both) {
      const { accountId, bucket, roleArn } = connection;
      const role = roleArn.split('/').at(-1);
      const own = asked.filter(({ path }) => path.startsWith(`/${bucket}/`));
      assert.ok(own.length > 3);
      for (const { path, principal, statements } of own) {
        assert.equal(
          principal,
          `arn:aws:sts::${accountId}:assumed-role/${role}/causeway-${id}`,
          path,
        );
        assert.ok(statements.some(({ policy }) => policy === 'session policy 1'));
        assert.match(path, new RegExp(`^/${bucket}/causeway/(_manifests/)?${order.dataset.name}/`));
      }
    }
    const ofRun = requests.filter(({ principal }) => principal?.endsWith(id));
    assert.equal(ofRun.length, asked.length, 'nothing but its own keys');
  });

  it('delivers chosen rows and columns, without those that rows are chosen and split by', async () => {
    const columns = ['destination', 'delay'];
    const conditions = [
      { column: 'distance', operator: 'greater_or_equal', value: 2000 },
      { column: 'delay', operator: 'not_equals', value: 0 },
    ];
    const order = await stage.order(both, {
      dataset: { cursorColumn: 'date', primaryKey: ['origin', 'date'] },
      delivery: { mode: 'incremental', format: 'jsonl', columns, filter: { conditions } },
    });
    assert.equal(order.delivery.filter?.match, 'all');

    const ended = await runToEnd(order);

    const { window } = recipientOf(ended, acme);
    const one = await stage.proveDelivered(order, acme, [ended], { window });
    const two = await stage.proveDelivered(order, globex, [ended], { window });
    assert.deepEqual(
      one.schema.map(({ name }) => name),
      columns,
    );
    assert.deepEqual([one.primaryKey, two.primaryKey], [[], []]);
  });

  it('keeps to the columns of a frozen dataset when the source gets others, and says what it lost', async () => {
    const order = await stage.order([acme]);
    const narrow = join(dirname(order.sourcePath), `narrow-${order.dataset.name}.parquet`);
    const names = ['origin', 'destination', 'date'];
    await stage.copyColumns(order.sourcePath, narrow, names);
    const ofNarrow = await stage.order([acme], {
      dataset: { source: { type: 'file', path: narrow }, schemaPolicy: 'freeze' },
    });

    await copyFile(order.sourcePath, narrow);
    const wider = await runToEnd(ofNarrow);
    await stage.copyColumns(narrow, order.sourcePath, names);
    const lost = await runToEnd(order);

    const compared = { ...ofNarrow, delivery: { ...ofNarrow.delivery, columns: names } };
    const { schema } = await stage.proveDelivered(compared, acme, [wider]);
    assert.deepEqual(
      schema.map(({ name }) => name),
      names,
    );
    const { failure } = recipientOf(lost, acme);
    assert.equal(failure?.code, 'schema_changed');
    assert.match(failure.message, /column "delay" of type "[A-Z]+" is gone; column "distance"/);
    assert.deepEqual(await acme.keysOf(order.dataset.name), []);
  });

  it('gives a customer none of whose rows is chosen a manifest without files', async () => {
    const conditions = [{ column: 'distance', operator: 'less', value: -1 }];
    const order = await stage.order([acme], { delivery: { filter: { conditions } } });

    const ended = await runToEnd(order);

    await stage.proveDelivered(order, acme, [ended], { files: 0 });
  });

  it('delivers by the values of columns, in folders of their own', async () => {
    const partitionBy = ['destination'];
    const conditions = [{ column: 'destination', operator: 'in', value: ['BOS', 'DFW', 'ORD'] }];
    const order = await stage.order([acme], {
      delivery: { format: 'csv', partitionBy, filter: { conditions } },
    });

    const ended = await runToEnd(order);

    const { files } = await stage.proveDelivered(order, acme, [ended], { files: 'several' });
    const folders = files.map(({ key }) => key.split('/').at(-2));
    assert.equal(new Set(folders).size, files.length);
    assert.ok(folders.every((folder) => /^destination=[A-Z]{3}$/.test(folder ?? '')));
  });

  it('delivers several files of about the size asked for', async () => {
    for (const form of [{ format: 'jsonl' }, { format: 'csv', compression: 'none' }]) {
      const order = await stage.order([acme], {
        dataset: { customerColumn: null },
        delivery: { ...form, targetFileBytes: 1024 ** 2 },
      });

      const ended = await runToEnd(order);

      const manifest = await stage.proveDelivered(order, acme, [ended], { files: 'several' });
      const full = manifest.files.slice(0, -1);
      assert.ok(full.every(({ bytes }) => bytes >= 1024 ** 2 && bytes < 1.2 * 1024 ** 2));
    }
  });

  it('delivers adjoining windows as numbers 1 and 2, each row in one of them', async () => {
    const order = await stage.order([acme], {
      dataset: { cursorColumn: 'date' },
      delivery: { mode: 'incremental', format: 'jsonl' },
    });
    const firstWindow = { from: null, to: '2001-01-02T00:00:00.000Z' };
    const first = await runToEnd(order, firstWindow);
    const one = await stage.proveDelivered(order, acme, [first], { window: firstWindow });
    const second = await runToEnd(order);
    const { window } = recipientOf(second, acme);
    const two = await stage.proveDelivered(order, acme, [first, second], { window });

    assert.equal(window.from, firstWindow.to);
    assert.deepEqual([one.sequence, two.sequence], [1, 2]);
    assert.deepEqual([one.previousRunId, two.previousRunId], [null, first.id]);
    assert.deepEqual(one.window, firstWindow);
    const whole = await stage.order([acme]);
    const all = await stage.proveDelivered(whole, acme, [await runToEnd(whole)]);
    assert.equal(one.rows + two.rows, all.rows);
  });
});

const references = 'ORD ATL DFW LAX LAS PHX DEN IAH MSP DTW SLC STL'.split(' ').values();
const nextReference = () => String(references.next().value);
