import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { failureOf, policy, root, s3Of } from '../testing/clients.ts';
import { makeCertificates } from './make-certificates.ts';

const Bucket = 'acme-data';
let sandbox: Sandbox;
let authority: string;

before(async () => {
  sandbox = await startSandbox({ port: 0, tlsPort: 0, strictTransport: true });
  authority = readFileSync(sandbox.tls?.authorityFile ?? '', 'utf8');
  await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket }));
});
after(() => sandbox.close());

/** Every name of `localhost` leads to this machine. */
function agent(maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Agent {
  return new Agent({
    ca: authority,
    maxVersion,
    lookup: (_name, options, found) => {
      if (options.all) found(null, [{ address: '127.0.0.1', family: 4 }]);
      else found(null, '127.0.0.1', 4);
    },
  });
}

function secureS3(name: string, httpsAgent = agent(), forcePathStyle = true) {
  const endpoint = `https://${name}:${sandbox.tls?.port}`;
  return s3Of(sandbox, root.acme, { endpoint, forcePathStyle, requestHandler: { httpsAgent } });
}

const put = () => new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' });

describe('HTTPS', () => {
  it('serves every name that clients call it by, to those who trust its authority', async () => {
    for (const name of ['127.0.0.1', 'localhost', 's3.localhost', 's3.us-east-1.localhost']) {
      await secureS3(name).send(put());
    }
    await secureS3('s3.localhost', agent(), false).send(put());
    const sts = new STSClient({
      endpoint: `https://sts.localhost:${sandbox.tls?.port}`,
      region: 'us-east-1',
      credentials: root.acme,
      requestHandler: { httpsAgent: agent() },
    });

    const { Account } = await sts.send(new GetCallerIdentityCommand({}));

    assert.equal(Account, '222222222222');
  });

  it('is not believed by who does not trust its authority', async () => {
    await assert.rejects(secureS3('127.0.0.1', new Agent()).send(put()), /certificate/);
  });

  it('is what policies mean by aws:SecureTransport and s3:TlsVersion', async () => {
    const deny = (Condition: object) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
      Condition,
    });
    await secureS3('localhost').send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: policy(
          deny({ Bool: { 'aws:SecureTransport': 'false' } }),
          deny({ NumericLessThan: { 's3:TlsVersion': '1.3' } }),
        ),
      }),
    );

    const plain = await failureOf(s3Of(sandbox, root.acme).send(put()));
    const old = await failureOf(secureS3('localhost', agent('TLSv1.2')).send(put()));
    await secureS3('localhost').send(put());

    assert.equal(plain.code, 'AccessDenied');
    assert.equal(old.code, 'AccessDenied');
  });

  it('is absent unless asked for', async () => {
    const plain = await startSandbox({ port: 0 });
    await plain.close();

    assert.equal(plain.tls, null);
  });
});

describe('makeCertificates()', () => {
  it('makes certificates that others can read, check and trust', () => {
    const made = makeCertificates(['localhost', '*.s3.localhost', '127.0.0.1', '::1'], new Date());
    const server = new X509Certificate(made.certificate);
    const issuer = new X509Certificate(made.authority);

    assert.ok(issuer.ca);
    assert.ok(!server.ca);
    assert.ok(server.checkIssued(issuer));
    assert.ok(server.verify(issuer.publicKey));
    assert.ok(issuer.verify(issuer.publicKey));
    assert.equal(server.checkHost('bucket.s3.localhost'), '*.s3.localhost');
    assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(server.checkIP('::1'), '::1');
    assert.equal(server.checkHost('example.com'), undefined);
    assert.ok(server.validFromDate < new Date() && server.validToDate > new Date());
  });
});
