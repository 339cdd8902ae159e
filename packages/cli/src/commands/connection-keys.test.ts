import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DeleteAccessKeyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type ConnectionBy, guideDocument, guideValue, type SetupGuide } from '@causeway/contract';
import type { Sandbox } from '@causeway/sandbox';
import {
  type AccessKey,
  accountClients,
  createAccessKey,
  createUser,
} from '@causeway/sandbox/clients';
import { exitCodes } from '../exit-codes.ts';
import { type Finished, type Place, runCommand } from '../testing/run-command.ts';
import type { Served } from '../testing/serve-command.ts';
import { shareServer } from '../testing/share-server.ts';

const acme = '222222222222';
type KeyConnection = ConnectionBy<'access_key'>;

const shared = shareServer();
let place: Place;
let sandbox: Sandbox;
let server: Served;
let connection: KeyConnection;
let pairs: readonly [AccessKey, AccessKey];

before(async () => {
  ({ place, sandbox, server } = await shared.open());
  const customer = await json<{ id: string }>(
    'customers create --name Acme --reference acme'.split(' '),
  );
  const where = ['--location', 's3://acme-keys/causeway/', '--account', acme];
  connection = await json([
    ...['connections', 'create', '--customer', customer.id, '--access', 'access_key'],
    ...where,
  ]);
  pairs = await setUpUser();
});
after(() => shared.close());

/** No command may print a secret, whatever it does. */
async function causeway(args: readonly string[], input?: string): Promise<Finished> {
  const finished = await runCommand(place, args, server.env, input);
  for (const { accessKeyId, secretAccessKey } of pairs ?? []) {
    const printed = finished.stdout + finished.stderr;
    assert.ok(!printed.includes(secretAccessKey), 'the secret was printed');
    assert.ok(!printed.includes(accessKeyId), 'the whole ID was printed');
  }
  return finished;
}

async function json<T>(args: readonly string[], input?: string): Promise<T> {
  const { exitCode, stdout, stderr } = await causeway([...args, '--json'], input);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

/** Bucket, user and two keys, by the customer's administrator as the guide says. */
async function setUpUser(): Promise<[AccessKey, AccessKey]> {
  const guide = await json<SetupGuide>(['connections', 'setup', connection.id]);
  const { iam, s3 } = accountClients(sandbox.url, acme);
  const userName = guideValue(guide, 'userName');
  await s3.send(new CreateBucketCommand({ Bucket: guideValue(guide, 'bucket') }));
  await createUser(iam, userName, guideDocument(guide, 'permissionsPolicy'));
  return [await createAccessKey(iam, userName), await createAccessKey(iam, userName)];
}

const keys = (command: string, ...args: string[]) => [
  ...['connections', 'keys', command, connection.id],
  ...args,
];
const add = ({ accessKeyId }: AccessKey) => keys('add', '--access-key-id', accessKeyId);
const current = ({ accessKeys }: KeyConnection) => accessKeys.map((key) => key.current);

describe('causeway connections keys', () => {
  it('takes the secret from standard input, and from no argument', async () => {
    const [first] = pairs;

    const argument = await causeway([...add(first), '--secret-access-key', 'x']);
    const nothing = await causeway(add(first), '\n');
    const wrong = await causeway(add(first), 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n');
    const { exitCode, stdout, stderr } = await causeway(add(first), `${first.secretAccessKey}\r\n`);

    assert.equal(argument.exitCode, exitCodes.usage, argument.stderr);
    assert.notEqual(nothing.exitCode, 0);
    assert.match(wrong.stderr, /the secret does not belong to it/);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /ID +KEY +ENTERED +IN USE/);
    assert.match(stdout, new RegExp(`ak_\\S+ +\\.\\.\\.${first.accessKeyId.slice(-4)} .*yes`));
  });

  it('replaces a key by another, which must work before it is used', async () => {
    const [first, second] = pairs;
    const { iam } = accountClients(sandbox.url, acme);

    const both = await json<KeyConnection>(add(second), second.secretAccessKey);
    const [one, two] = both.accessKeys;
    assert.ok(one && two);
    const early = await causeway(keys('remove', one.id));
    const used = await json<KeyConnection>(keys('use', two.id));
    await iam.send(
      new DeleteAccessKeyCommand({
        UserName: connection.userName,
        AccessKeyId: first.accessKeyId,
      }),
    );
    const back = await causeway(keys('use', one.id));
    const left = await json<KeyConnection>(keys('remove', one.id));

    assert.deepEqual(current(both), [true, false]);
    assert.match(early.stderr, /it is in use/);
    assert.deepEqual(current(used), [false, true]);
    assert.equal(used.status, 'active');
    assert.notEqual(back.exitCode, 0);
    assert.match(back.stderr, /its check failed at "The access key works"/);
    assert.deepEqual(
      left.accessKeys.map(({ id }) => id),
      [two.id],
    );
  });

  it('says so when there is no key left', async () => {
    const { accessKeys } = await json<KeyConnection>(['connections', 'get', connection.id]);

    const { stdout, stderr } = await causeway(keys('remove', accessKeys[0]?.id ?? ''));

    assert.match(stdout, /has no access key now/, stderr);
  });
});
