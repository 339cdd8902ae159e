import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConnectionCreate, guideDocument, type SetupGuide } from '@causeway/contract';
import { mergeBucketPolicy, mergeCors, mergeLifecycle } from '@causeway/policy';
import { createConnection } from '../create-connection.ts';
import { customerAccount, issuer, operator } from '../testing/sample-customer.ts';
import { cliScript } from './cli-script.ts';
import { setupGuide } from './setup-guide.ts';

// That the script leads to a healthy connection is proved with AWS's own command in `acceptance`.

function guideOf(): SetupGuide {
  const input = ConnectionCreate.parse({
    customerId: 'cus_1',
    location: 's3://acme-data/causeway/',
    accountId: customerAccount,
    capabilities: ['deliver', 'browse'],
  });
  const connection = createConnection(input, { operator, issuer });
  return setupGuide(connection, operator, { origins: ['https://app.example.com'] });
}

/**
 * Stands where the `aws` command would: says what a bucket has, and keeps what is put
 * there. A file per document; where there is none it fails as AWS does.
 */
const bucketCommand = `#!/usr/bin/env bash
case "$1 $2" in
  'sts get-caller-identity') echo ${customerAccount} ;;
  's3api get-bucket-policy') cat "$HOME/policy" 2>/dev/null || { echo '(NoSuchBucketPolicy)' >&2; exit 254; } ;;
  's3api get-bucket-cors') cat "$HOME/cors" 2>/dev/null || { echo '(NoSuchCORSConfiguration)' >&2; exit 254; } ;;
  's3api get-bucket-lifecycle-configuration') cat "$HOME/lifecycle" 2>/dev/null || { echo '(NoSuchLifecycleConfiguration)' >&2; exit 254; } ;;
  's3api put-bucket-'*) name="\${2#put-bucket-}"; printf '%s' "\${@: -1}" >"$HOME/\${name%-configuration}" ;;
esac
`;

const reason = ['bash', 'jq'].flatMap((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return [];
  } catch {
    return [`There is no program "${name}" here`];
  }
})[0];
if (reason) console.log(`skipped: ${reason}`);

describe('cliScript()', { skip: reason ?? false }, () => {
  let folder: string;
  let count = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-merge-'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/aws'), bucketCommand);
    chmodSync(join(folder, 'bin/aws'), 0o755);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A bucket with these documents, and what a run of the script makes of them. */
  function newBucket(documents: Readonly<Record<string, object>>) {
    const home = join(folder, `bucket-${++count}`);
    mkdirSync(home);
    for (const [name, document] of Object.entries(documents)) {
      writeFileSync(join(home, name), JSON.stringify(document));
    }
    const run = (guide: SetupGuide, path = `${join(folder, 'bin')}:${process.env['PATH']}`) => {
      const env = {
        PATH: path,
        HOME: home,
        WITH_BUCKET_POLICY: 'yes',
        WITH_LIFECYCLE: 'yes',
      };
      const stdio = ['ignore', 'pipe', 'pipe'] as const;
      return execFileSync('/bin/bash', ['-c', cliScript(guide)], {
        env,
        stdio: [...stdio],
      }).toString();
    };
    const read = (name: string) => JSON.parse(readFileSync(join(home, name), 'utf8')) as object;
    return { run, read };
  }

  const theirs = {
    Sid: 'Theirs',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: 'arn:aws:s3:::acme-data/*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const guide = guideOf();
  const [ours] = (guideDocument(guide, 'bucketPolicy') as { Statement: object[] }).Statement;
  const policies: [name: string, policy: object][] = [
    ['of one statement', { Version: '2012-10-17', Statement: theirs }],
    [
      'without Sids',
      { Version: '2008-10-17', Id: 'x', Statement: [{ ...theirs, Sid: undefined }] },
    ],
    ['with an older statement of ours', { Statement: [{ ...ours, Action: 's3:Get*' }, theirs] }],
    ['that says so already', { ...guideDocument(guide, 'bucketPolicy') }],
  ];
  for (const [name, policy] of policies) {
    it(`merges into a bucket policy ${name} as packages/policy does`, () => {
      const bucket = newBucket({ policy });

      bucket.run(guide);

      const expected = mergeBucketPolicy(policy, guideDocument(guide, 'bucketPolicy') as never);
      assert.deepEqual(bucket.read('policy'), JSON.parse(expected.text));
    });
  }

  it('merges CORS and lifecycle rules, and changes nothing the second time', () => {
    const cors = { CORSRules: [{ AllowedOrigins: ['*'], AllowedMethods: ['GET'] }] };
    const lifecycle = {
      Rules: [{ ID: 'x', Status: 'Enabled', Filter: {}, Expiration: { Days: 1 } }],
    };
    const bucket = newBucket({ cors, lifecycle });

    bucket.run(guide);
    const said = bucket.run(guide);

    const expected = {
      cors: mergeCors(cors, guideDocument(guide, 'cors') as never),
      lifecycle: mergeLifecycle(lifecycle, guideDocument(guide, 'lifecycle') as never),
    };
    assert.deepEqual(bucket.read('cors'), expected.cors.document);
    assert.deepEqual(bucket.read('lifecycle'), expected.lifecycle.document);
    assert.equal(said.match(/it says so already/g)?.length, 3);
  });

  it('refuses to touch a document that must be kept where there is no jq', () => {
    const policy = { Version: '2012-10-17', Statement: [theirs] };
    const bucket = newBucket({ policy });
    const bin = join(folder, 'without-jq');
    mkdirSync(bin);
    for (const name of ['bash', 'env', 'cat', 'grep', 'mktemp', 'rm', 'sleep', 'tr']) {
      const path = execFileSync('which', [name]).toString().trim();
      execFileSync('ln', ['-s', path, join(bin, name)]);
    }
    execFileSync('ln', ['-s', join(folder, 'bin/aws'), join(bin, 'aws')]);

    assert.throws(() => bucket.run(guide, bin), /Install jq.*Sid.*cannot merge without jq/s);
    assert.deepEqual(bucket.read('policy'), policy);
  });

  it('stops before it does anything with the credentials of another account', () => {
    const bucket = newBucket({});
    const other = {
      ...guide,
      values: guide.values.map((each) =>
        each.name === 'accountId' ? { ...each, value: '333333333333' } : each,
      ),
    };

    assert.throws(
      () => bucket.run(other),
      /Stopped: these are credentials of account 222222222222, and the setup is for 333333333333/,
    );
    assert.throws(() => bucket.read('policy'), { code: 'ENOENT' });
  });
});
