import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PlacedConnection } from '@causeway/contract';
import { type AwsCredentials, assumeRole } from '@causeway/objectstore';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import {
  accountClients,
  createOperator,
  createRole,
  operatorAccount,
  operatorArn,
  replaceTrustPolicy,
} from '@causeway/sandbox/clients';
import type { Operator } from '../operator.ts';
import { customerAccount, newConnection, operator, setUp } from '../testing/sample-customer.ts';
import { checkConnection } from './check-connection.ts';
import { expectedDocuments } from './expected-documents.ts';

/** The operator runs as a user and is about to run as a role. */
const nextRole = 'causeway-next';
const nextArn = `arn:aws:iam::${operatorAccount}:role/${nextRole}`;
const moving: Operator = { ...operator, otherPrincipalArn: nextArn };
const moved: Operator = { ...operator, principalArn: nextArn };

let sandbox: Sandbox;
let credentials: AwsCredentials;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  credentials = await createOperator(sandbox.url);
  const Statement = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Resource: 'arn:aws:iam::*:role/*',
  };
  await createRole(accountClients(sandbox.url, operatorAccount).iam, {
    roleName: nextRole,
    trustPolicy: {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: operatorArn }, Action: 'sts:AssumeRole' },
    },
    permissionsPolicy: { Version: '2012-10-17', Statement },
  });
});
after(() => sandbox.close());

async function check(connection: PlacedConnection, as: Operator, own = credentials) {
  const report = await checkConnection(connection, {
    operator: as,
    credentials: async () => own,
    region: 'us-east-1',
    endpoint: sandbox.url,
  });
  return { report, step: report.steps.find(({ id }) => id === 'role.other_principal') };
}

describe('checkConnection(), while the operator moves to another principal', () => {
  it('tells which roles do not let it in yet, and mends them before the move', async () => {
    const { connection, guide } = newConnection();
    await setUp(sandbox, guide);

    const before = await check(connection, moving);

    assert.equal(before.report.outcome, 'healthy', 'nothing is broken yet');
    assert.equal(before.step?.verdict, 'warned');
    assert.equal(before.step?.cause, 'trust_other_principal_missing');
    assert.equal(before.step?.side, 'customer');
    const { iam } = accountClients(sandbox.url, customerAccount);
    await replaceTrustPolicy(iam, guide.roleName, before.step?.fix?.policy ?? {});

    const between = await check(connection, moving);
    assert.equal(between.step?.verdict, 'passed');
    assert.equal(between.report.outcome, 'healthy');

    const session = await assumeRole({
      roleArn: nextArn,
      sessionName: 'moved',
      region: 'us-east-1',
      endpoint: sandbox.url,
      sourceCredentials: credentials,
    });
    assert.ok(session.ok);
    const after = await check(connection, moved, session.credentials);
    assert.equal(after.report.outcome, 'healthy', JSON.stringify(after.report.steps));
    assert.equal(after.step, undefined, 'no move, no step');
  });

  it('says that it was not tried where our credentials may not assume the other principal', async () => {
    const { connection, guide } = newConnection();
    await setUp(sandbox, guide);
    const other = `arn:aws:iam::${operatorAccount}:user/causeway-next`;

    const { report, step } = await check(connection, { ...operator, otherPrincipalArn: other });

    assert.equal(report.outcome, 'healthy');
    assert.equal(step?.verdict, 'skipped');
    assert.match(step?.message ?? '', /may not assume .*user\/causeway-next/);
  });

  it('names both principals in the guide, and their account once', () => {
    const { connection } = newConnection();

    const { trustPolicy } = expectedDocuments(connection, moving);

    assert.deepEqual(
      (trustPolicy as { Statement: { Principal: object; Condition: { ArnEquals: object } }[] })
        .Statement[0]?.Principal,
      { AWS: `arn:aws:iam::${operatorAccount}:root` },
    );
    assert.match(
      JSON.stringify(trustPolicy),
      /user\/causeway","arn:aws:iam::111111111111:role\/causeway-next"/,
    );
  });
});
