import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type CheckReport, guideDocument, type SetupGuide } from '@causeway/contract';
import { accountClients } from '@causeway/sandbox/clients';
import { type DeliveryStage, openDeliveryStage, recipientOf } from '../testing/delivery-stage.ts';
import type { Receiver } from '../testing/receiver.ts';
import { dataKeys, deliver, rowSource, verified } from '../testing/row-source.ts';

let stage: DeliveryStage;
let acme: Receiver;
before(async () => {
  stage = await openDeliveryStage();
  acme = await stage.connect('ACME');
  await stage.startWorker();
});
after(() => stage?.close());

const guide = () => stage.call<SetupGuide>(`GET /v1/connections/${acme.connection.id}/setup-guide`);
const asksToDelete = async () =>
  JSON.stringify(guideDocument(await guide(), 'permissionsPolicy')).includes('s3:DeleteObject');
async function deleteStep() {
  const path = `POST /v1/connections/${acme.connection.id}/check` as const;
  const { outcome, steps } = await stage.call<CheckReport>(path, {});
  const step = steps.find(({ id }) => id === 'object.delete');
  return { outcome, verdict: step?.verdict, cause: step?.cause };
}

/** Does in the customer's account what the guide now says. */
async function allowWhatIsAsked(): Promise<void> {
  const { accountId, roleArn } = acme.connection;
  const { iam } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: roleArn.split('/').at(-1),
      PolicyName: 'as-asked',
      PolicyDocument: JSON.stringify(guideDocument(await guide(), 'permissionsPolicy')),
    }),
  );
}

describe('A delivery that overwrites', () => {
  it('deletes the files of its own earlier runs, once it may, and nothing else', async () => {
    assert.equal(await asksToDelete(), false);
    assert.deepEqual(await deleteStep(), {
      outcome: 'healthy',
      verdict: undefined,
      cause: undefined,
    });
    const source = rowSource(stage, { id: 'BIGINT' });
    await source.write([{ id: 1 }]);
    const order = await source.order([acme], { delivery: { writeMode: 'overwrite' } });
    assert.equal(await asksToDelete(), true);
    assert.deepEqual(await deleteStep(), {
      outcome: 'healthy',
      verdict: 'warned',
      cause: 'delete_denied',
    });

    const first = await deliver(stage, order, acme);
    assert.equal(first.manifest.replaces, undefined);
    await source.write([{ id: 1 }, { id: 2 }]);
    const second = await deliver(stage, order, acme);
    assert.equal(recipientOf(second.run, acme).warning?.code, 'access_denied');
    assert.deepEqual(second.manifest.replaces, [first.run.id]);
    assert.equal((await dataKeys(stage, acme, order)).length, 2);

    await allowWhatIsAsked();
    assert.equal((await deleteStep()).verdict, 'passed');
    const neighbour = await deliver(stage, await source.order([acme]), acme);
    const foreign = second.manifest.files[0]?.key.replace(/[^/]+$/, 'of-the-customer') ?? '';
    const { bucket, accountId } = acme.connection;
    const { s3 } = accountClients(stage.configuration.aws.endpoint ?? '', accountId);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: foreign, Body: 'mine' }));
    await source.write([{ id: 3 }]);
    const third = await deliver(stage, order, acme);

    assert.equal(recipientOf(third.run, acme).warning, null);
    assert.deepEqual(third.manifest.replaces, [first.run.id, second.run.id]);
    assert.deepEqual(third.rows, [{ id: 3 }]);
    assert.deepEqual(
      (await dataKeys(stage, acme, order)).toSorted(),
      [foreign, ...third.manifest.files.map(({ key }) => key)].toSorted(),
    );
    assert.equal((await verified(stage, acme, neighbour.run))['files'], 'passed: 1 of 1 files');
    const found = await verified(stage, acme, first.run);
    assert.match(found['files'] ?? '', /^warned: Deleted when number 2 took their place/);
    assert.match(found['sequence'] ?? '', /^passed/);

    await source.write([]);
    const empty = await deliver(stage, order, acme);
    assert.deepEqual([empty.manifest.files, empty.manifest.replaces], [[], [third.run.id]]);
    assert.deepEqual(await dataKeys(stage, acme, order), [foreign]);
  });

  it('is a full one', async () => {
    const source = rowSource(stage, { id: 'BIGINT', at: 'TIMESTAMP' });
    await source.write([{ id: 1, at: '2026-01-01T00:00:00' }]);
    const delivery = { mode: 'incremental', writeMode: 'overwrite' };

    await assert.rejects(
      source.order([acme], { dataset: { cursorColumn: 'at' }, delivery }),
      /writeMode/,
    );
  });
});
