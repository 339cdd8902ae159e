import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CheckReport, PlacedConnection } from '@causeway/contract';
import { type OrganizationConfig, type Sandbox, startSandbox } from '@causeway/sandbox';
import { createOperator } from '@causeway/sandbox/clients';
import {
  type CompleteRole,
  customerAccount,
  newConnection,
  operator,
  setUp,
} from '../testing/sample-customer.ts';
import { checkConnection } from './check-connection.ts';

/** Who administers an organization sees no more of us than the text of a fix. */
const excepted = (report: CheckReport): string => {
  const { fix } = faultOf(report);
  const arn = /^Except (arn:aws:iam::\d{12}:role\/\S+) from the Deny/.exec(fix?.text ?? '')?.[1];
  assert.ok(arn, fix?.text);
  return arn;
};

const faultOf = (report: CheckReport) => {
  const fault = report.steps.find(({ verdict }) => verdict === 'failed');
  assert.ok(fault, 'nothing failed');
  return fault;
};

function organization(policies: Partial<OrganizationConfig['root']>): OrganizationConfig {
  return {
    id: 'o-customers01',
    managementAccount: '333333333333',
    root: { accounts: ['333333333333', customerAccount], ...policies },
  };
}

/** Nobody may write, but for the roles named. */
function denyWriting(principal: object, ...spared: string[]): object {
  const Condition = {
    ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::*:role/none', ...spared] },
  };
  const deny = { Effect: 'Deny', ...principal, Action: 's3:PutObject', Resource: '*', Condition };
  return { Version: '2012-10-17', Statement: [deny] };
}

const scp = (...spared: string[]) =>
  organization({ serviceControlPolicies: { freeze: denyWriting({}, ...spared) } });
const rcp = (...spared: string[]) =>
  organization({ resourceControlPolicies: { freeze: denyWriting({ Principal: '*' }, ...spared) } });

describe('checkConnection(), where an organization has a say', () => {
  let folder: string;
  let credentials: { accessKeyId: string; secretAccessKey: string };
  let connection: CompleteRole;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-organization-'));
    await inSandbox(scp(), async (sandbox) => {
      credentials = await createOperator(sandbox.url);
      const made = newConnection();
      connection = made.connection;
      await setUp(sandbox, made.guide);
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** An organization is what a sandbox is started with, so each change of it is another start. */
  async function inSandbox<T>(
    config: OrganizationConfig,
    use: (sandbox: Sandbox) => Promise<T>,
  ): Promise<T> {
    const sandbox = await startSandbox({ port: 0, dataDir: folder, organization: config });
    try {
      return await use(sandbox);
    } finally {
      await sandbox.close();
    }
  }

  const checkUnder = (config: OrganizationConfig) =>
    inSandbox(config, (sandbox) => check(connection, sandbox.url));

  const check = (placed: PlacedConnection, endpoint: string) =>
    checkConnection(placed, {
      operator,
      credentials: async () => credentials,
      region: 'us-east-1',
      endpoint,
    });

  for (const { name, policies } of [
    { name: 'service control policy', policies: scp },
    { name: 'resource control policy', policies: rcp },
  ]) {
    it(`names a ${name} that denies, and works once the role is spared in it`, async () => {
      const report = await checkUnder(policies());

      const fault = faultOf(report);
      assert.equal(fault.id, 'object.write');
      assert.equal(fault.cause, 'organization_denied');
      assert.equal(fault.side, 'customer');
      assert.equal(fault.fix?.document, 'organizationPolicy');
      assert.ok(fault.message.includes(name), fault.message);
      assert.equal((await checkUnder(policies(excepted(report)))).outcome, 'healthy');
    });
  }

  it('names a service control policy that leaves writing out', async () => {
    const others = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', NotAction: 's3:PutObject', Resource: '*' },
    };
    const report = await checkUnder(
      organization({ fullAwsAccess: false, serviceControlPolicies: { others } }),
    );

    assert.equal(faultOf(report).cause, 'organization_denied');
    assert.match(faultOf(report).fix?.text ?? '', /^Allow s3:PutObject on arn:aws:s3:::/);
  });

  it('reckons with a policy of the operator, of which STS says nothing across accounts', async () => {
    const frozen: OrganizationConfig = {
      id: 'o-operators01',
      managementAccount: '333333333333',
      root: {
        accounts: ['333333333333', '111111111111'],
        serviceControlPolicies: {
          stay: {
            Version: '2012-10-17',
            Statement: { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' },
          },
        },
      },
    };

    const report = await checkUnder(frozen);

    assert.equal(faultOf(report).id, 'role.assume');
    assert.equal(faultOf(report).cause, 'role_not_assumable');
    assert.ok(faultOf(report).causes?.some(({ code }) => code === 'operator_not_allowed'));
  });
});
