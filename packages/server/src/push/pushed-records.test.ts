import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Manifest, RecordsAccepted, Run } from '@causeway/contract';
import { accountClients } from '@causeway/sandbox/clients';
import { type DeliveryStage, type Order, openDeliveryStage } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';

let stage: DeliveryStage;
let acme: Receiver;
let globex: Receiver;
let both: readonly Receiver[];

before(async () => {
  stage = await openDeliveryStage();
  both = await Promise.all([stage.connect('acme'), stage.connect('globex', '333333333333')]);
  [acme, globex] = both as [Receiver, Receiver];
});
after(() => stage?.close());
afterEach(() => stage.removeFaults());

const columns = [
  { name: 'id', type: 'BIGINT', nullable: false },
  { name: 'customer', type: 'VARCHAR', nullable: false },
  { name: 'score', type: 'DOUBLE' },
  { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: 'details', type: 'JSON' },
];

const order = (delivery: object = {}) =>
  stage.order(both, {
    dataset: { source: { type: 'push', columns }, customerColumn: 'customer' },
    delivery: { mode: 'incremental', format: 'jsonl', ...delivery },
  });

const ndjson = 'application/x-ndjson';
const toLines = (records: readonly object[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

function send({ dataset }: Order, body: string | Buffer<ArrayBuffer>, headers: object = {}) {
  return fetch(`${stage.api.url}/v1/datasets/${dataset.id}/records`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stage.api.apiKey}`,
      'content-type': 'application/json',
      ...headers,
    },
    body,
  });
}

async function push(
  to: Order,
  body: string | Buffer<ArrayBuffer> | readonly object[],
  headers: object = {},
): Promise<RecordsAccepted> {
  const isBody = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await send(to, isBody ? body : JSON.stringify(body), headers);
  const text = await response.text();
  assert.equal(response.status, 201, text);
  return JSON.parse(text);
}

async function refusal(to: Order, body: string | Buffer<ArrayBuffer>, headers: object = {}) {
  const response = await send(to, body, headers);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return `${response.status} ${error.code}: ${error.message}`;
}

const record = (id: number, customer = 'acme') => ({ id, customer });

/** All that a receiver has been sent, with the windows of its manifests by sequence. */
async function received({ dataset }: Order, receiver: Receiver) {
  const { s3 } = accountClients(
    stage.configuration.aws.endpoint ?? '',
    receiver.connection.accountId,
  );
  const read = async (key: string) => {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: receiver.connection.bucket, Key: key }),
    );
    return (await Body?.transformToString()) ?? '';
  };
  const keys = await receiver.keysOf(dataset.name);
  const manifestKeys = keys.filter((key) => key.includes('/_manifests/'));
  const manifests: Manifest[] = [];
  for (const key of manifestKeys) manifests.push(JSON.parse(await read(key)));
  const rows: { id: number }[] = [];
  for (const key of manifests.flatMap(({ files }) => files.map((file) => file.key))) {
    for (const line of (await read(key)).split('\n')) if (line) rows.push(JSON.parse(line));
  }
  const files = keys.length - manifestKeys.length;
  assert.equal(files, manifests.flatMap((manifest) => manifest.files).length, 'files of manifests');
  return {
    rows: rows.toSorted((a, b) => a.id - b.id),
    windows: manifests.toSorted((a, b) => a.sequence - b.sequence).map(({ window }) => window),
    schemas: manifests.map(({ schema }) => schema),
  };
}

const idsAt = async (of: Order, receiver: Receiver) =>
  (await received(of, receiver)).rows.map(({ id }) => id);

async function runToItsEnd(of: Order): Promise<Run> {
  const run = await stage.ended(await stage.startRun(of));
  assert.equal(run.state, 'succeeded', JSON.stringify(run.recipients));
  return run;
}

const fromTo = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('POST /v1/datasets/{id}/records', () => {
  it('takes arrays and lines, plain and compressed, and says how many and where', async () => {
    const to = await order();

    const first = await push(to, [record(0), record(1)]);
    assert.deepEqual([first.accepted, first.position], [2, 0]);
    const second = await push(to, `\n${toLines([record(2)])}\r\n`, { 'content-type': ndjson });
    assert.deepEqual([second.accepted, second.position], [1, 2]);
    const gzip = { 'content-encoding': 'gzip' };
    const third = await push(to, gzipSync(toLines([record(3), record(4)])), {
      'content-type': ndjson,
      ...gzip,
    });
    assert.deepEqual([third.accepted, third.position], [2, 3]);
    assert.ok(first.receivedAt < second.receivedAt && second.receivedAt < third.receivedAt);
    const fourth = await push(to, gzipSync(' [ {"id":5,"customer":"a]}\\"[" } ] '), gzip);
    assert.deepEqual([fourth.accepted, fourth.position], [1, 5]);
  });

  it('keeps nothing of a request in which one record is wrong, and says which and why', async () => {
    const to = await order();
    const wrong = [
      record(0),
      { id: 1.5, customer: 'acme' },
      { id: 2 },
      { id: 3, customer: null, score: '1', at: '2026-01-31 12:00', details: ['\ud800'] },
      { ...record(4), extra: 1 },
      [],
    ];

    assert.equal(
      await refusal(to, JSON.stringify(wrong)),
      '422 records_refused: Cannot accept the records: ' +
        'record 1, "id" must be a whole number of at most 2^53 - 1; ' +
        'record 2, "customer" is missing; ' +
        'record 3, "customer" must not be null; record 3, "score" must be a number; ' +
        'record 3, "at" must be a time with its offset, such as "2026-01-31T12:00:00Z"; ' +
        'record 3, "details" must be well-formed Unicode; ' +
        'record 4, "extra" is no column of the dataset; record 5 must be an object',
    );
    assert.equal((await push(to, [record(0)])).position, 0);
  });

  it('refuses what is no JSON, cut off, too deep, too much or empty', async () => {
    const to = await order();
    const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
    const lines = { 'content-type': ndjson };
    const prefix = 'Cannot accept the records: record';

    for (const [body, headers, expected] of [
      [
        '{"id":1}\n{"id"',
        lines,
        `422 records_refused: ${prefix} 0, "customer" is missing; record 1 is not valid JSON`,
      ],
      [
        '[{"id":1}',
        {},
        `422 records_refused: ${prefix} 0 is cut off: the array of records does not end`,
      ],
      ['{"id":1}', {}, `422 records_refused: ${prefix} 0 is not in an array: the body must be one`],
      [
        `{"id":1,"details":${deep}}`,
        lines,
        `422 records_refused: ${prefix} 0 is nested deeper than 32 levels`,
      ],
      [
        Buffer.from('[{"id":0,"customer":"é"},{"id":1,"customer":"é"}]', 'latin1'),
        {},
        `422 records_refused: ${prefix} 0 is not valid UTF-8`,
      ],
      [
        '[]',
        {},
        '400 invalid_request: Cannot accept the request: there are no records in the body',
      ],
      [
        '[] 1',
        {},
        '400 invalid_request: Cannot accept the request: there is something after the array of records',
      ],
      [
        toLines(Array(50_001).fill(record(1))),
        lines,
        '413 too_many_records: Cannot accept the records: there are more than 50000 in one request',
      ],
      [
        ' '.repeat(4_194_305),
        lines,
        '413 body_too_large: Cannot accept the request: its body is larger than 4194304 bytes',
      ],
      [
        gzipSync(' '.repeat(4_194_305)),
        { 'content-encoding': 'gzip' },
        '413 body_too_large: Cannot accept the request: its body is larger than 4194304 bytes',
      ],
      [
        '[]',
        { 'content-encoding': 'br' },
        '400 invalid_request: Cannot accept the request: "Content-Encoding" must be "gzip" or left out',
      ],
    ] as const) {
      assert.equal(await refusal(to, body, headers), expected);
    }
    assert.match(await refusal(to, '<a/>', { 'content-type': 'text/xml' }), /^415 media_type_not_/);
    assert.match(await refusal(to, '[]', { authorization: '' }), /^401 unauthorized/);
    const files = await stage.order([acme]);
    assert.match(await refusal(files, '[]'), /^409 not_pushed/);
    assert.match(
      await refusal({ ...to, dataset: { ...to.dataset, id: 'ds_0' } }, '[]'),
      /^404 not_/,
    );
  });

  it('keeps what comes twice under a key once, also at the same moment', async () => {
    const to = await order();
    const key = { 'idempotency-key': 'insight-1' };
    const body = [record(0), record(1)];

    const answers = await Promise.all(fromTo(0, 8).map(() => push(to, body, key)));
    answers.push(await push(to, body, key));

    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.match(await refusal(to, '[{"id":7,"customer":"acme"}]', key), /^422 idempotency_key_re/);
    assert.deepEqual((await push(to, [record(2)])).position, 2);
  });
});

describe('A delivery of pushed records', () => {
  it('gives each record as it was sent to its customer, and repeats none', async () => {
    const worker = await stage.startWorker();
    const of = await order();
    const sent = {
      ...record(0),
      score: 0.1,
      at: '2026-01-31T13:00:00.123456+01:00',
      details: { tags: ['a', 1, null], note: 'é\n"' },
    };
    await push(of, [sent, record(1, 'globex'), record(2, 'nobody')]);

    await runToItsEnd(of);
    await push(of, [record(3)]);
    await runToItsEnd(of);
    await runToItsEnd(of);

    const { rows, windows, schemas } = await received(of, acme);
    for (const schema of [of.dataset.schema, ...schemas]) {
      const never = schema.filter(({ nullable }) => !nullable);
      assert.deepEqual(
        never.map(({ name }) => name),
        ['id', 'customer'],
      );
    }
    const { at, ...rest } = rows[0] as typeof sent;
    const { at: sentAt, ...sentRest } = sent;
    assert.deepEqual(rest, sentRest);
    assert.equal(
      new Date(at.replace(' ', 'T').replace(/\+00$/, 'Z')).getTime(),
      Date.parse(sentAt),
    );
    assert.deepEqual(
      rows.map(({ id }) => id),
      [0, 3],
    );
    assert.deepEqual(await idsAt(of, globex), [1]);
    assert.equal(windows.length, 3);
    for (const [index, window] of windows.entries()) {
      assert.equal(window.from, windows[index - 1]?.to ?? null);
    }
    await worker.stop();
  });

  it('gives each of them once while eight clients push and run follows run', async () => {
    const worker = await stage.startWorker();
    const of = await order();
    let runs = 0;
    let sent = 0;
    const client = async () => {
      while (runs < 3) {
        const ids = fromTo(sent, sent + 4);
        sent += 4;
        await push(
          of,
          ids.map((id) => record(id, id % 2 ? 'acme' : 'globex')),
        );
        await sleep(50);
      }
    };
    const pushes = Promise.all(fromTo(0, 8).map(client));
    for (; runs < 3; runs++) await runToItsEnd(of);
    await pushes;
    await runToItsEnd(of);

    assert.deepEqual(
      await idsAt(of, acme),
      fromTo(0, sent).filter((id) => id % 2),
    );
    assert.deepEqual(
      await idsAt(of, globex),
      fromTo(0, sent).filter((id) => id % 2 === 0),
    );
    await worker.stop();
  });

  it('repeats none and loses none when its worker is killed and more records come meanwhile', async () => {
    const of = await order();
    await push(of, [record(0), record(1, 'globex')]);
    const held = await stage.inject({ operation: 'UploadPart', effect: { type: 'hold' } });
    const run = await stage.startRun(of);
    const killed = await stage.startWorkerProcess();
    await held.caught(1);
    await killed.kill();
    await held.remove();
    await push(of, [record(2)]);

    const worker = await stage.startWorker();
    const ended = await stage.ended(run);
    assert.equal(ended.attempt, 2);
    assert.deepEqual(await idsAt(of, acme), [0]);
    await runToItsEnd(of);
    assert.deepEqual(await idsAt(of, acme), [0, 2]);
    assert.deepEqual(await idsAt(of, globex), [1]);
    await worker.stop();
  });

  it('in full sends all of it, and nothing when nothing came since', async () => {
    const worker = await stage.startWorker();
    const of = await order({ mode: 'full' });
    await push(of, [record(0)]);
    await runToItsEnd(of);
    await push(of, [record(1)]);
    await runToItsEnd(of);

    const { recipients } = await runToItsEnd(of);

    assert.deepEqual(
      recipients.map(({ state }) => state),
      ['unchanged', 'unchanged'],
    );
    assert.deepEqual(await idsAt(of, acme), [0, 0, 1]);
    await worker.stop();
  });

  it('of a window that was asked for has what was received in it, and none that is still to come', async () => {
    const worker = await stage.startWorker();
    const of = await order();
    await push(of, [record(0)]);
    const { receivedAt: from } = await push(of, [record(1)]);
    const { receivedAt: to } = await push(of, [record(2)]);

    await stage.ended(await stage.startRun(of, { from, to }));

    assert.deepEqual(await idsAt(of, acme), [1]);
    await assert.rejects(
      stage.startRun(of, { from, to: '2999-01-01T00:00:00Z' }),
      /"window.to\\" must not be later than now/,
    );
    await worker.stop();
  });
});
