import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { RequestRecord } from '../control/history.ts';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { createUserWithKey, failureOf, root, s3Of } from '../testing/clients.ts';
import type { Fault } from './fault.ts';
import type { FaultReport } from './fault-plan.ts';

const Bucket = 'acme-data';
let sandbox: Sandbox;
let s3: S3Client;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  s3 = s3Of(sandbox, root.acme);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
after(() => sandbox.close());
afterEach(() => fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' }));

async function addFault(fault: Fault): Promise<string> {
  const answer = await fetch(`${sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify(fault),
  });
  assert.equal(answer.status, 201);
  return ((await answer.json()) as { id: string }).id;
}

async function report(id: string): Promise<FaultReport | undefined> {
  const answer = await fetch(`${sandbox.url}/_sandbox/faults`);
  const { faults } = (await answer.json()) as { faults: FaultReport[] };
  return faults.find((fault) => fault.id === id);
}

async function last(): Promise<RequestRecord | undefined> {
  const answer = await fetch(`${sandbox.url}/_sandbox/requests?last=1`);
  return ((await answer.json()) as { requests: RequestRecord[] }).requests[0];
}

async function untilHolding(id: string, count: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await report(id))?.holding === count) return;
    await sleep(20);
  }
  assert.fail(`Fault "${id}" does not hold ${count} requests`);
}

const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
const exists = (Key: string) =>
  s3.send(new HeadObjectCommand({ Bucket, Key })).then(
    () => true,
    () => false,
  );

async function uploaded(Key: string): Promise<() => CompleteMultipartUploadCommand> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const part = await s3.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }),
  );
  const { ETag, ChecksumCRC32 } = part;
  return () =>
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] },
    });
}

/** A client in a process of its own, which can be killed like a worker. */
function clientProcess(code: string): ReturnType<typeof spawn> {
  const source = `
    import { ${'CompleteMultipartUploadCommand, PutObjectCommand, S3Client'} } from '@aws-sdk/client-s3';
    const s3 = new S3Client({ endpoint: '${sandbox.url}', region: 'us-east-1', forcePathStyle: true, maxAttempts: 1,
      credentials: ${JSON.stringify(root.acme)} });
    ${code}`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    stdio: 'inherit',
  });
}

describe('a fault that holds', () => {
  it('keeps a request unexecuted until the fault is deleted', async () => {
    const complete = await uploaded('held');
    const id = await addFault({ operation: 'CompleteMultipartUpload', effect: { type: 'hold' } });

    const sent = s3.send(complete());
    await untilHolding(id, 1);
    const whileHeld = await exists('held');
    await fetch(`${sandbox.url}/_sandbox/faults/${id}`, { method: 'DELETE' });
    await sent;

    assert.equal(whileHeld, false);
    assert.equal(await exists('held'), true);
  });

  it('never executes a completion whose worker is killed while it is held', async () => {
    const complete = await uploaded('killed');
    const id = await addFault({ operation: 'CompleteMultipartUpload', effect: { type: 'hold' } });
    const input = JSON.stringify(complete().input);
    const worker = clientProcess(`await s3.send(new CompleteMultipartUploadCommand(${input}));`);

    await untilHolding(id, 1);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await untilHolding(id, 0);
    await fetch(`${sandbox.url}/_sandbox/faults/${id}`, { method: 'DELETE' });
    const after = await exists('killed');
    await s3.send(complete());

    assert.equal(after, false);
    assert.equal(await exists('killed'), true);
  });

  it('never executes an upload of many bytes whose worker is killed while it is held', async () => {
    const id = await addFault({ operation: 'PutObject', effect: { type: 'hold' } });
    const worker = clientProcess(
      `await s3.send(new PutObjectCommand({ Bucket: '${Bucket}', Key: 'large', Body: Buffer.alloc(20_000_000) }));`,
    );

    await untilHolding(id, 1);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    await sleep(200);

    assert.equal(await exists('large'), false);
  });
});

describe('faults of other kinds', () => {
  it('fail a request before it does anything', async () => {
    await addFault({
      operation: 'PutObject',
      effect: { type: 'fail_before', status: 503, code: 'SlowDown' },
    });

    const failure = await failureOf(put('before'));

    assert.equal(failure.status, 503);
    assert.equal(failure.code, 'SlowDown');
    assert.equal(failure.message, 'Please reduce your request rate.');
    assert.equal(await exists('before'), false);
  });

  it('fail a request after it did everything', async () => {
    await addFault({
      operation: 'PutObject',
      effect: { type: 'fail_after', status: 500, code: 'InternalError' },
    });

    const failure = await failureOf(put('after'));

    assert.equal(failure.status, 500);
    assert.equal(await exists('after'), true);
  });

  it('lose the answer of a request that was executed', async () => {
    await addFault({ operation: 'PutObject', effect: { type: 'drop_reply' } });

    await assert.rejects(put('dropped'), /socket hang up|ECONNRESET/);

    assert.equal(await exists('dropped'), true);
  });

  it('withhold the answer of a request that was executed', async () => {
    const id = await addFault({ operation: 'PutObject', effect: { type: 'hold_reply' } });

    let answered = false;
    const sent = put('withheld').then(() => {
      answered = true;
    });
    await untilHolding(id, 1);
    assert.equal(answered, false);
    assert.equal(await exists('withheld'), true);
    await fetch(`${sandbox.url}/_sandbox/faults/${id}`, { method: 'DELETE' });
    await sent;
  });

  it('answer 200 with an error inside that is named', async () => {
    const complete = await uploaded('named');
    const effect = { type: 'error_in_200', code: 'PreconditionFailed' } as const;
    await addFault({ operation: 'CompleteMultipartUpload', effect });

    const failure = await failureOf(s3.send(complete()));

    assert.equal(failure.code, 'PreconditionFailed');
    assert.equal(await exists('named'), false);
  });

  it('answer 200 with an error inside, and do nothing', async () => {
    const complete = await uploaded('inside');
    await addFault({ operation: 'CompleteMultipartUpload', effect: { type: 'error_in_200' } });

    const failure = await failureOf(s3.send(complete()));

    assert.equal(failure.code, 'InternalError');
    assert.equal(await exists('inside'), false);
  });

  it('delay a request, which runs though its client went away', { timeout: 60_000 }, async () => {
    const delay = { type: 'delay', milliseconds: 1500 } as const;
    const id = await addFault({ operation: 'PutObject', effect: delay });
    const gone = new AbortController();

    const sent = s3.send(new PutObjectCommand({ Bucket, Key: 'late', Body: 'x' }), {
      abortSignal: gone.signal,
    });
    const refused = assert.rejects(sent, { name: 'AbortError' });
    while ((await report(id))?.caught === 0) await sleep(10);
    const atOnce = await exists('late');
    gone.abort();
    await refused;

    assert.equal(atOnce, false);
    while (!(await exists('late'))) await sleep(50);
  });

  it('spoil reads, too', async () => {
    await put('read');
    await addFault({
      operation: 'GetObject',
      effect: { type: 'fail_after', status: 500, code: 'InternalError' },
    });

    const failure = await failureOf(s3.send(new GetObjectCommand({ Bucket, Key: 'read' })));

    assert.equal(failure.status, 500);
  });

  it('catch only what they name, after skipping some, some times', async () => {
    const id = await addFault({
      operation: 'PutObject',
      bucket: Bucket,
      keyIncludes: 'mine',
      skip: 1,
      times: 2,
      effect: { type: 'fail_before', status: 503, code: 'SlowDown' },
    });

    const outcomes: boolean[] = [];
    for (const key of ['yours', 'mine-1', 'mine-2', 'mine-3', 'mine-4']) {
      outcomes.push(
        await put(key).then(
          () => true,
          () => false,
        ),
      );
    }

    assert.deepEqual(outcomes, [true, true, false, false, true]);
    assert.equal((await report(id))?.caught, 2);
  });

  it('catch no request that is refused anyway', async () => {
    const id = await addFault({ operation: 'PutObject', effect: { type: 'hold' } });

    const failure = await failureOf(
      s3Of(sandbox, root.globex).send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' })),
    );

    assert.equal(failure.status, 403);
    assert.equal((await report(id))?.caught, 0);
  });
});

describe('a fault that ignores headers', () => {
  it('replaces what a create-only upload would keep, and takes a wrong checksum', async () => {
    await put('kept');
    const names = ['If-None-Match', 'x-amz-checksum-crc32'];
    await addFault({ operation: 'PutObject', effect: { type: 'ignore_headers', names } });
    const wanted = { IfNoneMatch: '*', ChecksumCRC32: 'AAAAAA==' };

    await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'new', ...wanted }));
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'kept' }));

    assert.equal(await read.Body?.transformToString(), 'new');
  });
});

describe('faults of the connection', () => {
  it('cut it while a body comes in, and leave nothing behind', async () => {
    await addFault({
      operation: 'PutObject',
      effect: { type: 'cut_request', afterBytes: 200_000 },
    });
    const Body = Buffer.alloc(1_000_000);

    await assert.rejects(
      s3.send(new PutObjectCommand({ Bucket, Key: 'cut', Body })),
      /socket hang up|ECONNRESET|EPIPE/,
    );

    const record = await last();
    assert.equal(record?.outcome, 'dropped');
    assert.equal(record?.faultEffect, 'cut_request');
    assert.equal(await exists('cut'), false);
  });

  it('cut it while an object is sent, after as many bytes as they say', async () => {
    const Body = Buffer.alloc(1_000_000, 7);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'short', Body }));
    await addFault({
      operation: 'GetObject',
      effect: { type: 'truncate_reply', afterBytes: 700_001 },
    });

    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'short' }));
    let received = 0;
    const reading = (async () => {
      for await (const piece of read.Body as AsyncIterable<Uint8Array>) received += piece.length;
    })();

    await assert.rejects(reading, /aborted|ECONNRESET/);
    assert.equal(read.ContentLength, 1_000_000);
    assert.equal(received, 700_001);
  });

  it('cut a document somewhere, too', async () => {
    await addFault({ operation: 'ListObjectsV2', effect: { type: 'truncate_reply' } });

    await assert.rejects(
      s3.send(new ListObjectsV2Command({ Bucket })),
      /aborted|hang up|ECONNRESET/,
    );
  });
});

describe('a fault that doubles', () => {
  it('creates two uploads where one was asked for', async () => {
    await addFault({ operation: 'CreateMultipartUpload', effect: { type: 'duplicate' } });

    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'twice' }));

    const { Uploads = [] } = await s3.send(
      new ListMultipartUploadsCommand({ Bucket, Prefix: 'twice' }),
    );
    assert.equal(Uploads.length, 2);
    assert.ok(Uploads.some((upload) => upload.UploadId === UploadId));
  });

  it('makes a create-only upload refuse its own repetition', async () => {
    await addFault({ operation: 'PutObject', effect: { type: 'duplicate' } });

    const failure = await failureOf(
      s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body: 'x', IfNoneMatch: '*' })),
    );
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'once' }));

    assert.equal(failure.status, 412);
    assert.equal(await read.Body?.transformToString(), 'x');
  });

  it('leaves a plain upload as it would be after one', async () => {
    await addFault({ operation: 'PutObject', effect: { type: 'duplicate' } });

    await put('same');
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'same' }));

    assert.equal(await read.Body?.transformToString(), 'x');
  });
});

describe('a seeded plan', () => {
  const rules: readonly Fault[] = [
    {
      operation: 'PutObject',
      probability: 0.4,
      effect: { type: 'fail_before', status: 503, code: 'SlowDown' },
    },
    { operation: 'PutObject', probability: 0.3, effect: { type: 'drop_reply' } },
    { operation: 'HeadObject', probability: 0.5, effect: { type: 'delay', milliseconds: 1 } },
  ];

  async function faultsOf(seed: number, interleaved: boolean): Promise<(string | null)[]> {
    const plan = { seed, rules };
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    const added = await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify(plan),
    });
    assert.equal(((await added.json()) as { ids: string[] }).ids.length, 3);
    const effects: (string | null)[] = [];
    for (let i = 0; i < 20; i++) {
      if (interleaved) await exists('other');
      await put(`planned-${i}`).catch(() => undefined);
      effects.push((await last())?.faultEffect ?? null);
    }
    return effects;
  }

  it('does the same to the same requests, and other things for another seed', async () => {
    const first = await faultsOf(7, false);
    const again = await faultsOf(7, true);
    const other = await faultsOf(8, false);

    assert.deepEqual(again, first);
    assert.notDeepEqual(other, first);
    assert.deepEqual(new Set(first), new Set([null, 'fail_before', 'drop_reply']));
  });

  it('catches the requests of one principal', async () => {
    const id = await addFault({
      operation: 'PutObject',
      principalIncludes: ':user/unlucky',
      effect: { type: 'fail_before', status: 503, code: 'SlowDown' },
    });
    const unlucky = await createUserWithKey(sandbox, root.acme, 'unlucky', [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
    ]);

    await put('lucky');
    const failure = await failureOf(
      s3Of(sandbox, unlucky).send(new PutObjectCommand({ Bucket, Key: 'unlucky', Body: 'x' })),
    );

    assert.equal(failure.code, 'SlowDown');
    assert.equal((await report(id))?.caught, 1);
  });
});

describe('POST /_sandbox/faults', () => {
  it('says what is wrong with a fault', async () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [[], /not a JSON object/],
      [{ effect: { type: 'hold' } }, /"operation" is not a name/],
      [
        { operation: 'x', effect: { type: 'explode' } },
        /"effect.type" is not one of "hold", "delay"/,
      ],
      [
        { operation: 'x', effect: { type: 'fail_before', status: 200, code: 'x' } },
        /"effect.status" is not/,
      ],
      [{ operation: 'x', effect: { type: 'delay' } }, /"effect.milliseconds" is not/],
      [
        { operation: 'x', keyInclude: 'typo', effect: { type: 'hold' } },
        /"keyInclude" is not known/,
      ],
      [{ operation: 'x', times: -1, effect: { type: 'hold' } }, /"times" is not a whole number/],
      [{ operation: 'x', probability: 2, effect: { type: 'hold' } }, /"probability" is not/],
      [{ operation: 'x', effect: { type: 'cut_request', afterBytes: 0.5 } }, /afterBytes" is not/],
      [
        { operation: 'PutObjekt', effect: { type: 'hold' } },
        /the sandbox has no call "PutObjekt", so the fault would never catch one/,
      ],
      [{ seed: 1, rules: [] }, /"rules" is not a list/],
      [{ seed: 'x', rules: [{ operation: 'x' }] }, /"seed" is not .*; "rules\[0\].effect.type"/],
    ];
    for (const [fault, message] of wrong) {
      const answer = await fetch(`${sandbox.url}/_sandbox/faults`, {
        method: 'POST',
        body: JSON.stringify(fault),
      });
      const { error } = (await answer.json()) as { error: { message: string; hint: string } };
      assert.equal(answer.status, 400);
      assert.match(error.message, message);
      assert.ok(error.hint);
    }
  });
});
