import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  evaluateCase,
  longestSessionPolicy,
  parsePolicy,
  permissionsPolicy,
  sessionPolicy,
} from '../index.ts';

const role = permissionsPolicy({
  bucket: 'acme-data',
  prefix: 'causeway/',
  capabilities: ['deliver'],
});

function put(key: string, prefixes: readonly string[]): string {
  const session = sessionPolicy({ bucket: 'acme-data', prefixes, capabilities: ['deliver'] });
  return evaluateCase({
    request: {
      principal: 'arn:aws:sts::222222222222:assumed-role/causeway-acme/run1',
      action: 's3:PutObject',
      resource: `arn:aws:s3:::acme-data/${key}`,
      resourceAccount: '222222222222',
      context: {},
    },
    identityPolicies: [role],
    sessionPolicies: [session],
  }).decision;
}

describe('sessionPolicy()', () => {
  const run = ['causeway/flights/', 'causeway/_manifests/flights/'];

  it('lets a run write its own dataset and manifests', () => {
    assert.equal(put('causeway/flights/dt=2024-01-01/run_1_00000.parquet', run), 'allowed');
    assert.equal(
      put('causeway/_manifests/flights/dt=2024-01-01/manifest_run_1.json', run),
      'allowed',
    );
  });

  it('keeps a run out of every other dataset of the same connection', () => {
    assert.equal(put('causeway/airports/x', run), 'implicit_deny');
    assert.equal(put('causeway/flights2/x', run), 'implicit_deny');
    assert.equal(put('causeway/_manifests/airports/x', run), 'implicit_deny');
  });

  it('takes every character of a prefix literally', () => {
    assert.equal(put('causeway/a*/x', ['causeway/a*/']), 'allowed');
    assert.equal(put('causeway/ab/x', ['causeway/a*/']), 'implicit_deny');
  });

  it("adds nothing to the role, even when it names another's prefix", () => {
    assert.equal(put('globex/x', ['globex/']), 'implicit_deny');
  });

  it('may stand for the whole bucket of a connection without a prefix', () => {
    const text = JSON.stringify(
      sessionPolicy({ bucket: 'acme-data', prefixes: [''], capabilities: ['deliver'] }),
    );

    assert.ok(text.includes('"arn:aws:s3:::acme-data/*"'));
    assert.ok(!text.includes('s3:prefix'));
  });

  it('leaves out prefixes that another one contains', () => {
    assert.deepEqual(
      sessionPolicy({
        bucket: 'acme-data',
        prefixes: ['a/b/', 'a/', 'a/'],
        capabilities: ['deliver'],
      }),
      sessionPolicy({ bucket: 'acme-data', prefixes: ['a/'], capabilities: ['deliver'] }),
    );
  });

  it('fits what STS accepts for two folders below a long prefix', () => {
    const prefix = `${'p'.repeat(300)}/`;
    const prefixes = [
      `${prefix}flights/dt=2024-01-01/`,
      `${prefix}_manifests/flights/dt=2024-01-01/`,
    ];
    const document = sessionPolicy({ bucket: 'b'.repeat(63), prefixes, capabilities: ['deliver'] });

    assert.ok(JSON.stringify(document).length <= longestSessionPolicy);
  });

  it('lets S3, and nobody else, use whatever key the role may use', () => {
    const key = 'arn:aws:kms:eu-west-1:222222222222:key/1';
    const uses = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    const decide = (via: object) =>
      evaluateCase({
        request: {
          principal: 'arn:aws:sts::222222222222:assumed-role/causeway-acme/run1',
          action: 'kms:GenerateDataKey',
          resource: key,
          resourceAccount: '222222222222',
          context: via,
        },
        identityPolicies: [{ Version: '2012-10-17', Statement: uses }],
        resourcePolicy: {
          Version: '2012-10-17',
          Statement: { ...uses, Principal: { AWS: 'arn:aws:iam::222222222222:root' } },
        },
        sessionPolicies: [
          sessionPolicy({ bucket: 'acme-data', prefixes: run, capabilities: ['deliver'] }),
        ],
      }).decision;

    assert.equal(decide({ 'kms:ViaService': 's3.eu-west-1.amazonaws.com' }), 'allowed');
    assert.equal(decide({ 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' }), 'implicit_deny');
    assert.equal(decide({}), 'implicit_deny');
  });

  it('speaks of S3 alone to a store without KMS', () => {
    const input = { bucket: 'acme-data', prefixes: run, capabilities: ['deliver'] as const };
    const { Statement } = sessionPolicy({ ...input, hasKms: false });

    const actions = Statement.flatMap(({ Action }) => Action ?? []);
    assert.ok(actions.length > 0 && actions.every((action) => action.startsWith('s3:')));
  });

  it('is never longer than STS accepts, and says its size when it would be', () => {
    const prefix = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '/'),
      minLength: 1,
      maxLength: 512,
    });
    const bucket = fc.constantFrom('acme-data', 'b'.repeat(63));
    fc.assert(
      fc.property(bucket, fc.array(prefix, { minLength: 1, maxLength: 4 }), (name, prefixes) => {
        try {
          const document = sessionPolicy({ bucket: name, prefixes, capabilities: ['deliver'] });
          assert.ok(JSON.stringify(document).length <= 2048);
          parsePolicy(JSON.stringify(document), { name: 'session policy', type: 'session' });
        } catch (error) {
          assert.ok(error instanceof Error);
          assert.match(error.message, /it has \d{4,} characters, and STS accepts 2048/);
        }
      }),
    );
  });

  it('refuses to be written without a prefix or a capability', () => {
    assert.throws(
      () => sessionPolicy({ bucket: 'acme-data', prefixes: [], capabilities: ['deliver'] }),
      /prefixes names none/,
    );
    assert.throws(
      () => sessionPolicy({ bucket: 'acme-data', prefixes: ['a/'], capabilities: [] }),
      /capabilities names none/,
    );
  });
});
