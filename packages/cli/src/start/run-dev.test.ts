import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { rootCredentials } from '@causeway/sandbox';
import { familyOf, waitUntilGone } from '../testing/processes.ts';
import {
  type Finished,
  type Forked,
  makePlace,
  type Place,
  runCommand,
  runProcess,
  startCommand,
} from '../testing/run-command.ts';
import { firstMessage, killChild, stopChild } from './child.ts';

const acme = '222222222222';

interface Ready {
  readonly url: string;
  readonly sandboxUrl: string;
}

/** One system that is started, used, stopped, started again, killed, and started once more. */
describe('causeway dev', { timeout: 300_000 }, () => {
  let place: Place;
  let dev: Forked;
  let ready: Ready;
  let family: number[] = [];

  before(async () => {
    place = await makePlace();
    await start();
  });
  after(async () => {
    await stopChild(dev.child);
    await waitUntilGone(family);
    await place.remove();
  });

  async function start() {
    dev = startCommand(place, ['dev'], { CAUSEWAY_PORT: '0' });
    ready = await firstMessage<Ready>(dev.child, 'dev').catch((error: unknown) => {
      throw new Error(`It printed:\n${dev.output()}`, { cause: error });
    });
    family = await familyOf(dev.child.pid ?? 0);
  }

  async function causeway(...args: string[]): Promise<Finished> {
    const finished = await runCommand(place, args);
    assert.equal(finished.exitCode, 0, `${args.join(' ')}: ${finished.stderr}`);
    return finished;
  }
  // biome-ignore lint/suspicious/noExplicitAny: each test names what it expects of the JSON
  const json = async (...args: string[]): Promise<any> =>
    JSON.parse((await causeway(...args, '--json')).stdout);

  it('tells where everything is, and the first API key once', () => {
    assert.match(dev.output(), /Acme: s3:\/\/acme-data\/causeway\/ is healthy/);
    assert.match(dev.output(), /First delivery succeeded: 291,052 rows to 2 customers/);
    assert.match(dev.output(), /Causeway is ready in /);
    for (const url of [ready.url, `${ready.url}/reference`, ready.sandboxUrl]) {
      assert.ok(dev.output().includes(`  ${url} `), url);
    }
    assert.equal(dev.output().match(/cwk_/g)?.length, 1);
  });

  it('lists the sample customers, their connections and the dataset', async () => {
    const customers = await json('customers', 'list');
    const connections = await causeway('connections', 'list');
    const datasets = await causeway('datasets', 'list');

    assert.deepEqual(
      customers.items.map(({ name }: { name: string }) => name),
      ['Globex', 'Acme'],
    );
    assert.match(connections.stdout, /^ID +CUSTOMER +LOCATION +ACCESS +HEALTH +NEXT$/m);
    assert.match(connections.stdout, /s3:\/\/acme-data\/causeway\/ +role +Healthy +-$/m);
    assert.match(datasets.stdout, /^ds_\w+ +flights +5 +origin +\/.*flights-3m.parquet$/m);
  });

  it('checks a connection, and shows its setup', async () => {
    const { items } = await json('connections', 'list');

    const check = await causeway('connections', 'check', items[0].id);
    const setup = await causeway('connections', 'setup', items[0].id);

    assert.match(check.stdout, /✓ The role refuses us without an external ID/);
    assert.match(check.stdout, /The connection is healthy\n$/);
    assert.ok(setup.stdout.includes(`"sts:ExternalId": "${items[0].externalId}"`));
    assert.match(setup.stdout, /1\. Create the bucket: s3 CreateBucket/);
  });

  it('delivers nothing again when the same delivery is run again', async () => {
    const { items } = await json('deliveries', 'list');

    const run = await causeway('deliveries', 'run', items[0].id);

    assert.match(run.stdout, /^state +succeeded$/m);
    assert.equal(run.stdout.match(/^cus_\w+ +unchanged .* that of run_/gm)?.length, 2);
    assert.doesNotMatch(run.stdout, / delivered /);
  });

  it('keeps every run, with what each customer received', async () => {
    const { items } = await json('runs', 'list');

    const first = await causeway('runs', 'get', items[1].id);

    assert.equal(items.length, 2);
    assert.equal(first.stdout.match(/^cus_\w+ +delivered +1\d\d,\d{3} /gm)?.length, 2);
  });

  it('lets the customer verify its delivery with its own credentials', async () => {
    const { accessKeyId, secretAccessKey } = rootCredentials(acme);

    const verified = await runCommand(
      place,
      [
        'verify',
        's3://acme-data/causeway/',
        '--endpoint-url',
        ready.sandboxUrl,
        '--keys',
        `${ready.url}/.well-known/causeway-keys.json`,
      ],
      { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    );

    assert.equal(verified.exitCode, 0, verified.stderr);
    assert.match(verified.stdout, /passed: 124,711 rows, .* flights, number 1/);
  });

  it('refuses a second start on the same folder, in words', async () => {
    const second = await runProcess(place, ['dev'], { CAUSEWAY_PORT: '0' });

    assert.equal(second.exitCode, 1);
    assert.match(second.stderr, /data_dir_in_use/);
    assert.doesNotMatch(second.stderr, /\n {4}at /);
  });

  it('stops when asked, with nothing left running, and says how to start it again', async () => {
    await stopChild(dev.child);

    assert.equal(dev.child.exitCode, 0, dev.output());
    assert.deepEqual(await waitUntilGone(family), []);
    const call = await runCommand(place, ['customers', 'list']);
    assert.equal(call.exitCode, 1);
    assert.match(call.stderr, /server_unreachable.*\n.*npm start/);
  });

  it('has kept everything when it is started again, and makes no second first delivery', async () => {
    await start();

    assert.doesNotMatch(dev.output(), /First delivery|cwk_/);
    assert.equal((await json('customers', 'list')).items.length, 2);
    assert.equal((await json('runs', 'list')).items.length, 2);
  });

  it('leaves no process behind when it is killed', async () => {
    assert.ok(family.length > 2);

    await killChild(dev.child);

    assert.deepEqual(await waitUntilGone(family), []);
  });

  it('starts once more after it was killed, and has kept everything', async () => {
    await start();

    assert.equal((await json('runs', 'list')).items.length, 2);
    const { items } = await json('connections', 'list');
    await causeway('connections', 'check', items[1].id);
  });

  it('writes nowhere but in its data folder', () => {
    assert.deepEqual(readdirSync(place.folder), ['data']);
    assert.ok(readdirSync(join(place.folder, 'data')).includes('client.json'));
  });
});
