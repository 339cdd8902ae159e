import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Access,
  type Connection,
  ConnectionCreate,
  findGuideDocument,
  guideDocument,
  guideValue,
  SetupGuide,
} from '@causeway/contract';
import { endpointRules } from '@causeway/objectstore';
import { trustPolicy } from '@causeway/policy';
import { createConnection } from '../create-connection.ts';
import { customerAccount, issuer, operator } from '../testing/sample-customer.ts';
import { setupGuide } from './setup-guide.ts';

const own = { location: 's3://acme-data/causeway/', accountId: customerAccount };
const managed = { resourceId: 'acme', accountId: customerAccount };
const inputs: Record<Access, object> = {
  role: own,
  web_identity: own,
  access_key: own,
  bucket_policy: managed,
  operator_role: { ...managed, externalId: 'generated' },
};

function newConnection(access: Access, change: object = {}): Connection {
  const input = { customerId: 'cus_1', access, ...inputs[access], ...change };
  return createConnection(ConnectionCreate.parse(input), {
    operator,
    issuer,
    endpoints: endpointRules(['s3.example.com']),
  });
}

describe('setupGuide()', () => {
  const operations: Record<Access, string[]> = {
    role: ['CreateBucket', 'CreateRole', 'PutRolePolicy'],
    web_identity: ['CreateBucket', 'CreateOpenIDConnectProvider', 'CreateRole', 'PutRolePolicy'],
    access_key: ['CreateBucket', 'CreateUser', 'PutUserPolicy', 'CreateAccessKey'],
    bucket_policy: ['PutUserPolicy'],
    operator_role: ['PutUserPolicy'],
  };
  for (const [access, expected] of Object.entries(operations) as [Access, string[]][]) {
    it(`says for ${access} which calls are needed, with the documents in them`, () => {
      const connection = newConnection(access);

      const guide = setupGuide(connection, operator);

      assert.deepEqual(SetupGuide.parse(guide), guide);
      assert.deepEqual(guide.missing, []);
      assert.deepEqual(
        guide.steps.filter(({ optional }) => !optional).map(({ operation }) => operation),
        expected,
      );
      const documents = guide.documents.map(({ document }) => JSON.stringify(document));
      for (const step of guide.steps) {
        for (const [name, value] of Object.entries(step.parameters)) {
          assert.notEqual(value, undefined, `${step.operation} ${name}`);
          if (/Policy$|Document$|Configuration$/.test(name)) {
            assert.ok(documents.includes(String(value)), `${step.operation} ${name}`);
          }
        }
      }
      assert.doesNotMatch(
        JSON.stringify({ ...guide, region: '', writeOptions: {} }),
        /undefined|null/,
      );
    });
  }

  it('gives the role the name, principal and external ID of the connection', () => {
    const connection = newConnection('role') as Extract<Connection, { access: 'role' }>;
    const { externalId } = connection;

    const guide = setupGuide(connection, operator);

    assert.equal(guideValue(guide, 'roleName'), connection.roleName);
    assert.equal(guideValue(guide, 'externalId'), externalId);
    const { principalArn } = operator;
    assert.deepEqual(guideDocument(guide, 'trustPolicy'), {
      ...trustPolicy({ principalArn, externalId }),
    });
  });

  it('asks for what must be known first, and makes nothing up', () => {
    const draft = newConnection('role', { location: undefined, accountId: undefined });

    const guide = setupGuide(draft, operator);

    assert.deepEqual(guide.missing, ['location', 'accountId']);
    assert.deepEqual([guide.documents, guide.steps, guide.location], [[], [], null]);
    assert.match(guideValue(guide, 'externalId'), /^cw-/);
  });

  it('knows nothing of accounts and users where the store has none', () => {
    const connection = newConnection('access_key', {
      accountId: undefined,
      endpoint: 'https://s3.example.com',
    });

    const guide = setupGuide(connection, operator, { origins: ['https://app.example.com'] });

    assert.deepEqual(guide.missing, []);
    assert.equal(findGuideDocument(guide, 'bucketPolicy'), undefined);
    assert.deepEqual(
      guide.steps.map(({ operation }) => operation),
      ['CreateBucket', 'PutBucketLifecycleConfiguration'],
    );
  });

  it('adds a CORS rule for browsers alone, and keeps the rules that are there', () => {
    const origins = ['https://app.example.com'];
    const corsStep = (capabilities: string[]) =>
      setupGuide(newConnection('role', { capabilities }), operator, { origins }).steps.find(
        ({ operation }) => operation === 'PutBucketCors',
      );

    assert.equal(corsStep(['deliver', 'ingest']), undefined);
    assert.equal(corsStep(['browse'])?.merge, 'cors');
    assert.match(JSON.stringify(corsStep(['browse'])), /app\.example\.com/);
  });

  it('tells the statements of two connections to one bucket apart', () => {
    const sids = ['role', 'role'].map((access) => {
      const guide = setupGuide(newConnection(access as Access), operator);
      return JSON.stringify(guideDocument(guide, 'bucketPolicy')).match(/"Sid":"\w+"/)?.[0];
    });

    assert.notEqual(sids[0], sids[1]);
  });
});
