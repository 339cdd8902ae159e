import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  GetRoleCommand,
  GetUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  guideDocument,
  guideValue,
  rootEnvironment,
  rootIam,
  rootKey,
  type SetupGuide,
} from './support/customer.ts';
import { assumeRole, newUser, s3As } from './support/customer-user.ts';
import { freePort } from './support/free-port.ts';
import { removeData, startTarget, type Target } from './support/target.ts';
import { certainCalls } from './support/vendor.ts';
import { skippedWithoutAws, startAws, type WarmAws } from './support/warm-aws.ts';

const account = '222222222222';
/** Of the page that shows a customer's files. */
const origin = 'https://app.example.com';

interface Report {
  readonly outcome: string;
  readonly steps: { readonly id: string; readonly verdict: string }[];
}

/**
 * What a customer's administrator does who takes the script: nothing but run it. The
 * script is as the API gives it; only `aws` is pointed at the sandbox.
 */
describe('The setup script, run with the aws command', { skip: skippedWithoutAws }, () => {
  let target: Target;
  let aws: WarmAws;
  let customerId: string;
  before(async () => {
    // The issuer of tokens is known by its address, which therefore is fixed first.
    target = await startTarget(['--no-sample'], {
      CAUSEWAY_PORT: String(await freePort()),
      CAUSEWAY_BROWSER_ORIGINS: origin,
    });
    aws = await startAws(target.dataDir);
    customerId = (await post<{ id: string }>('/v1/customers', { name: 'Acme', reference: 'acme' }))
      .id;
  });
  after(async () => {
    await aws?.stop();
    await target.stop();
    await removeData(target);
  });

  const post = <T>(path: string, body: object) =>
    certainCalls(target.call).call<T>(`POST ${path}`, body);

  /** Bash in the hands of an administrator of the account. */
  async function bash(script: string, settings: Readonly<Record<string, string>> = {}) {
    const env = {
      PATH: process.env['PATH'],
      ...rootEnvironment(account, target.dataDir),
      ...settings,
    };
    const toSandbox = `aws() { ${aws.path} --endpoint-url ${target.sandboxUrl} "$@"; }`;
    return (await promisify(execFile)('bash', ['-c', `${toSandbox}\n${script}`], { env })).stdout;
  }

  async function connect(access: string, place: object) {
    const body = { customerId, access, accountId: account, ...place };
    const { id } = await post<{ id: string }>('/v1/connections', body);
    const path = `/v1/connections/${id}`;
    const guide = (await target.call<SetupGuide>('GET', `${path}/setup-guide`)).body;
    const script = (await target.call<{ content: string }>('GET', `${path}/setup-guide/cli`)).body;
    return {
      path,
      guide,
      run: (settings: Readonly<Record<string, string>> = {}) => bash(script.content, settings),
      check: async () => {
        const { outcome, steps } = await post<Report>(`${path}/check`, {});
        return { outcome, faults: steps.filter(({ verdict }) => verdict === 'failed') };
      },
    };
  }
  const healthy = { outcome: 'healthy', faults: [] };

  const iam = () => rootIam(target.sandboxUrl, account);

  // Most of the time goes by in Python, of one process each: so they run side by side.
  it('leads to a healthy connection, however often, and by every access', async () => {
    await Promise.all([
      byRole(),
      byExistingRole(),
      byWebIdentity(),
      byAccessKey(),
      byBucketPolicy(),
      byOperatorRole(),
    ]);
  });

  async function byRole(): Promise<void> {
    const { run, check } = await connect('role', { location: 's3://acme-script-role/causeway/' });
    const settings = { WITH_BUCKET_POLICY: 'yes', WITH_LIFECYCLE: 'yes' };

    await run(settings);
    assert.deepEqual(await check(), healthy);
    const again = await run(settings);

    assert.match(again, /it is there/);
    assert.deepEqual(await check(), healthy);
  }

  /** One that the customer had before, for itself: it goes on being that, and serves two connections. */
  async function byExistingRole(): Promise<void> {
    const RoleName = 'Vendor.Access';
    const theirs = {
      Sid: 'OwnPeople',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'sts:AssumeRole',
    };
    const trust = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
    const made = { RoleName, Path: '/data/vendors/', AssumeRolePolicyDocument: trust };
    const { Role } = await iam().send(new CreateRoleCommand(made));
    const at = (prefix: string) =>
      connect('role', { location: `s3://acme-script-old/${prefix}/`, roleArn: Role?.Arn });
    const [one, other] = [await at('one'), await at('other')];

    await one.run();
    await other.run();
    const again = await one.run();

    assert.match(again, /it says so already/);
    assert.deepEqual([await one.check(), await other.check()], [healthy, healthy]);
    const found = await iam().send(new GetRoleCommand({ RoleName }));
    const { Statement } = JSON.parse(
      decodeURIComponent(found.Role?.AssumeRolePolicyDocument ?? ''),
    );
    assert.deepEqual(Statement, [theirs, ...statementsOf(one.guide), ...statementsOf(other.guide)]);
  }

  function statementsOf(guide: SetupGuide): readonly object[] {
    return (guideDocument(guide, 'trustPolicy') as { Statement: object[] }).Statement;
  }

  /** With pages that read files: the bucket has CORS rules already. */
  async function byWebIdentity(): Promise<void> {
    const Bucket = 'acme-script-token';
    const s3 = s3As(target.sandboxUrl, rootKey(account));
    const theirs = { AllowedOrigins: ['https://acme.example'], AllowedMethods: ['GET'] };
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [theirs] } }));
    const { guide, run, check } = await connect('web_identity', {
      location: `s3://${Bucket}/causeway/`,
      capabilities: ['browse'],
    });

    await run();

    assert.deepEqual(await check(), healthy);
    const ours = guideDocument(guide, 'cors') as { CORSRules: { AllowedOrigins: string[] }[] };
    assert.deepEqual(ours.CORSRules[0]?.AllowedOrigins, [origin]);
    const { CORSRules } = await s3.send(new GetBucketCorsCommand({ Bucket }));
    assert.deepEqual(CORSRules, [theirs, ...ours.CORSRules]);
  }

  async function byAccessKey(): Promise<void> {
    const location = 's3://acme-script-key/causeway/';
    const { path, guide, run, check } = await connect('access_key', { location });

    await run();
    const said = await run({ PERMISSIONS_BOUNDARY: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' });

    const [, command = ''] = /this once:\n {2}(aws .*)\n/.exec(said) ?? [];
    assert.match(command, new RegExp(`--user-name ${guideValue(guide, 'userName')} `));
    const [accessKeyId = '', secretAccessKey = ''] = (await bash(command)).trim().split('\t');
    await post(`${path}/access-keys`, { accessKeyId, secretAccessKey });
    assert.deepEqual(await check(), healthy);
    const outside = { Bucket: guideValue(guide, 'bucket'), Key: 'other/1', Body: 'x' };
    await assert.rejects(
      s3As(target.sandboxUrl, { accessKeyId, secretAccessKey }).send(new PutObjectCommand(outside)),
      { name: 'AccessDenied' },
    );
  }

  async function provisioned(access: string, resourceId: string) {
    const made = await connect(access, { resourceId, capabilities: ['ingest'] });
    await post(`${made.path}/provision`, {});
    const file = { Bucket: guideValue(made.guide, 'bucket'), Key: 'inbound/file.csv', Body: 'a\n' };
    return { ...made, upload: new PutObjectCommand(file) };
  }

  async function byBucketPolicy(): Promise<void> {
    const { guide, run, check, upload } = await provisioned('bucket_policy', 'acme-script');
    const loader = s3As(target.sandboxUrl, await newUser(target.sandboxUrl, account, 'loader'));
    await assert.rejects(run(), /Stopped: say who is to use the bucket/);
    await assert.rejects(loader.send(upload), { name: 'AccessDenied' });

    await run({ TO_USER: 'loader' });

    await loader.send(upload);
    assert.deepEqual(await check(), healthy);
    const PolicyName = 'causeway-managed-bucket-access';
    const asked = new GetUserPolicyCommand({ UserName: 'loader', PolicyName });
    const { PolicyDocument = '' } = await iam().send(asked);
    assert.deepEqual(
      JSON.parse(decodeURIComponent(PolicyDocument)),
      guideDocument(guide, 'customerPolicy'),
    );
  }

  async function byOperatorRole(): Promise<void> {
    const { guide, run, check, upload } = await provisioned('operator_role', 'acme-script-role');
    const member = await newUser(target.sandboxUrl, account, 'member');
    await iam().send(new CreateGroupCommand({ GroupName: 'loaders' }));
    await iam().send(new AddUserToGroupCommand({ GroupName: 'loaders', UserName: 'member' }));
    const assume = () => assumeRole(target.sandboxUrl, member, guideValue(guide, 'roleArn'));
    await assert.rejects(assume(), { name: 'AccessDenied' });

    await run({ TO_GROUP: 'loaders' });

    const session = s3As(target.sandboxUrl, await assume());
    await session.send(upload);
    assert.deepEqual(await check(), healthy);
  }
});
