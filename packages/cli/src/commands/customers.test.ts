import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ConnectionBy, Customer, CustomerImport } from '@causeway/contract';
import { exitCodes } from '../exit-codes.ts';
import { type Place, runCommand } from '../testing/run-command.ts';
import type { Served } from '../testing/serve-command.ts';
import { shareServer } from '../testing/share-server.ts';

const shared = shareServer();
let place: Place;
let server: Served;
before(async () => {
  ({ place, server } = await shared.open());
});
after(() => shared.close());

const run = (args: string, input?: string) => runCommand(place, args.split(' '), server.env, input);

async function json<T>(args: string, expected = 0, input?: string): Promise<T> {
  const { exitCode, stdout, stderr } = await run(`${args} --json`, input);
  assert.equal(exitCode, expected, stderr);
  return JSON.parse(stdout);
}

describe('causeway customers', () => {
  it('imports a file, prints a line for each customer, and changes nothing the second time', async () => {
    const lines = [
      'reference,name,role_arn,bucket_name,plan',
      'ATL,"Acme, Inc.",arn:aws:iam::222222222222:role/vendors/acme,acme-data,gold',
      'SFO,Globex,,,',
    ];
    await writeFile(join(place.folder, 'customers.csv'), `\uFEFF${lines.join('\r\n')}\r\n`);

    const dry = await run('customers import customers.csv --dry-run');
    const first = await run('customers import customers.csv');
    const second = await run('customers import customers.csv');

    assert.deepEqual([dry.exitCode, first.exitCode, second.exitCode], [0, 0, 0], first.stderr);
    assert.match(dry.stdout, /2 created, .*a dry run, nothing was kept/);
    assert.match(first.stdout, /^LINE {2}REFERENCE {2}OUTCOME {2}CUSTOMER\n2 +ATL +created +cus_/);
    assert.match(first.stdout, /\n\n2 created, 0 updated, 0 unchanged, 0 refused\n$/);
    assert.equal(second.stdout, '0 created, 0 updated, 2 unchanged, 0 refused\n');
  });

  it('says what is wrong with a line, exits with 3, and imports the others', async () => {
    const csv = 'reference,name,account_id\nBAD,\u001b[31mRed,12\nLAX,Initech,\nJFK,Hooli\n';

    const shown = await run('customers import -', csv);
    const report = await json<CustomerImport>('customers import -', exitCodes.notProved, csv);

    assert.equal(shown.exitCode, exitCodes.notProved);
    assert.match(
      shown.stdout,
      /line 4: Cannot read line 4 .*2 cells, and there are 3 columns\n {2}Save/,
    );
    assert.ok(!shown.stdout.includes('\u001b'), 'nothing steers the terminal');
    assert.deepEqual(
      report.lines.map(({ line, outcome }) => [line, outcome]),
      [
        [2, 'refused'],
        [3, 'unchanged'],
        [4, 'refused'],
      ],
    );
  });

  it('fails with 1 when the file is none', async () => {
    const [missing, empty] = [
      await run('customers import nowhere.csv'),
      await run('customers import -', ''),
    ];

    assert.deepEqual([missing.exitCode, empty.exitCode], [exitCodes.failed, exitCodes.failed]);
    assert.match(missing.stderr, /Cannot read "nowhere.csv": it does not exist/);
    assert.match(empty.stderr, /the file is empty/);
  });

  it('changes a customer, and connects it by its properties or without them', async () => {
    const { id } = await json<Customer>('customers create --name Umbrella --reference UMB');

    const changed = await json<Customer>(
      `customers update ${id} --name Umbra --property bucket_name=umbra-data --property plan=x`,
    );
    const less = await json<Customer>(`customers update ${id} --remove-property plan`);
    const filled = await json<ConnectionBy<'role'>>(
      `connections create --customer ${id} --role-arn arn:aws:iam::333333333333:role/a/b`,
    );
    const bare = await json<ConnectionBy<'role'>>(
      `connections create --customer ${id} --no-properties`,
    );

    assert.deepEqual(changed.properties, { bucket_name: 'umbra-data', plan: 'x' });
    assert.deepEqual([less.name, less.properties], ['Umbra', { bucket_name: 'umbra-data' }]);
    assert.equal(filled.roleArn, 'arn:aws:iam::333333333333:role/a/b');
    assert.deepEqual([filled.bucket, filled.accountId], ['umbra-data', '333333333333']);
    assert.equal(bare.bucket, null);
  });
});
