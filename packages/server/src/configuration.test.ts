import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { type Environment, parseConfiguration } from './configuration.ts';
import { describeVariables } from './configuration-variables.ts';

function complaintsOf(environment: Environment): readonly string[] {
  try {
    parseConfiguration(environment, '/srv');
  } catch (error) {
    assert.ok(CausewayError.is(error, 'configuration_invalid'));
    return error.details.issues;
  }
  return assert.fail('the configuration was accepted');
}

describe('parseConfiguration()', () => {
  it('needs nothing: everything has a default', () => {
    const configuration = parseConfiguration({}, '/srv');

    assert.deepEqual(configuration, {
      dataDir: '/srv/.causeway',
      host: '127.0.0.1',
      port: 7070,
      databaseUrl: null,
      operatorName: 'Causeway',
      templateBucket: null,
      publicUrl: 'http://127.0.0.1:7070',
      issuer: { url: 'http://127.0.0.1:7070', audience: 'sts.amazonaws.com' },
      webIdentityTokenFile: null,
      webIdentityProbeTokenFiles: [],
      acceptsUnprovedSubject: false,
      aws: {
        endpoint: null,
        region: 'us-east-1',
        operatorPrincipalArn: null,
        operatorOtherPrincipalArn: null,
        credentials: null,
      },
      sourceDirs: ['/srv/.causeway/sources'],
      downloadLimitMb: 10240,
      memoryLimitMb: 512,
      threads: configuration.threads,
      concurrentRuns: 2,
      uploadMemoryMb: 256,
      smallFileKb: 64,
      slowBucketSeconds: 20,
      forgottenKeysDays: 30,
      checks: { beforeRunSeconds: 900, confirmSeconds: 60 },
      signingKeyFile: null,
      allowedEndpoints: [],
      privateWebhookHosts: [],
      browserOrigins: [],
      secrets: { keyFile: null, kmsKey: null },
    });
    assert.ok(configuration.threads >= 1);
  });

  it('takes every variable, and relative paths from the working directory', () => {
    const configuration = parseConfiguration(
      {
        CAUSEWAY_DATA_DIR: 'data',
        CAUSEWAY_HOST: '0.0.0.0',
        CAUSEWAY_PORT: '0',
        CAUSEWAY_PUBLIC_URL: 'https://causeway.example.com/',
        CAUSEWAY_ISSUER_URL: 'https://tokens.example.com/',
        CAUSEWAY_WEB_IDENTITY_TOKEN_FILE: 'token',
        CAUSEWAY_WEB_IDENTITY_PROBE_TOKEN_FILES: 'probe-1:/probe-2',
        CAUSEWAY_WEB_IDENTITY_UNPROVED_SUBJECT: 'accept',
        CAUSEWAY_OPERATOR_NAME: 'Acme Analytics',
        CAUSEWAY_TEMPLATE_BUCKET: 'acme-connect',
        DATABASE_URL: 'postgres://user:pw@db/causeway',
        CAUSEWAY_AWS_ENDPOINT: 'http://127.0.0.1:4566',
        CAUSEWAY_AWS_REGION: 'eu-west-1',
        AWS_REGION: 'us-west-2',
        CAUSEWAY_OPERATOR_PRINCIPAL_ARN: 'arn:aws:iam::111111111111:role/path/causeway',
        AWS_ACCESS_KEY_ID: 'AKIASANDBOX111111111',
        AWS_SECRET_ACCESS_KEY: 'sandbox-secret-111111111111',
        AWS_SESSION_TOKEN: 'token',
        CAUSEWAY_SOURCE_DIRS: 'exports:/mnt/warehouse:',
        CAUSEWAY_MEMORY_LIMIT_MB: '1024',
        CAUSEWAY_THREADS: '3',
        CAUSEWAY_CONCURRENT_RUNS: '4',
        CAUSEWAY_SIGNING_KEY_FILE: 'key.pem',
        CAUSEWAY_ALLOWED_ENDPOINTS: 's3.example.com:9000, http://127.0.0.1:9000',
        CAUSEWAY_PRIVATE_WEBHOOK_HOSTS: 'hooks.internal.example.com:8443',
        CAUSEWAY_BROWSER_ORIGINS: 'https://app.example.com, http://localhost:3000',
        CAUSEWAY_SECRETS_KEY_FILE: 'secrets.keys',
        CAUSEWAY_SECRETS_KMS_KEY: 'arn:aws:kms:eu-west-1:111111111111:key/1234',
      },
      '/srv',
    );

    assert.deepEqual(configuration, {
      dataDir: '/srv/data',
      host: '0.0.0.0',
      port: 0,
      databaseUrl: 'postgres://user:pw@db/causeway',
      operatorName: 'Acme Analytics',
      templateBucket: 'acme-connect',
      publicUrl: 'https://causeway.example.com',
      issuer: { url: 'https://tokens.example.com', audience: 'sts.amazonaws.com' },
      webIdentityTokenFile: '/srv/token',
      webIdentityProbeTokenFiles: ['/srv/probe-1', '/probe-2'],
      acceptsUnprovedSubject: true,
      aws: {
        endpoint: 'http://127.0.0.1:4566',
        region: 'eu-west-1',
        operatorPrincipalArn: 'arn:aws:iam::111111111111:role/path/causeway',
        operatorOtherPrincipalArn: null,
        credentials: {
          accessKeyId: 'AKIASANDBOX111111111',
          secretAccessKey: 'sandbox-secret-111111111111',
          sessionToken: 'token',
        },
      },
      sourceDirs: ['/srv/exports', '/mnt/warehouse'],
      downloadLimitMb: 10240,
      memoryLimitMb: 1024,
      threads: 3,
      concurrentRuns: 4,
      uploadMemoryMb: 256,
      smallFileKb: 64,
      slowBucketSeconds: 20,
      forgottenKeysDays: 30,
      checks: { beforeRunSeconds: 900, confirmSeconds: 60 },
      signingKeyFile: '/srv/key.pem',
      allowedEndpoints: ['s3.example.com:9000', 'http://127.0.0.1:9000'],
      privateWebhookHosts: ['hooks.internal.example.com:8443'],
      browserOrigins: ['https://app.example.com', 'http://localhost:3000'],
      secrets: {
        keyFile: '/srv/secrets.keys',
        kmsKey: 'arn:aws:kms:eu-west-1:111111111111:key/1234',
      },
    });
  });

  it('counts an empty variable as absent', () => {
    assert.equal(parseConfiguration({ DATABASE_URL: '', CAUSEWAY_PORT: '' }).databaseUrl, null);
  });

  it('names all that is wrong at once, with what was found and an example', () => {
    const complaints = complaintsOf({
      CAUSEWAY_PORT: '70700',
      CAUSEWAY_AWS_ENDPOINT: 'localhost:4566',
      CAUSEWAY_OPERATOR_PRINCIPAL_ARN: 'arn:aws:sts::111111111111:assumed-role/x/y',
    });

    assert.deepEqual(complaints, [
      'CAUSEWAY_PORT "70700" must be a whole number from 0 to 65535, such as "7070"',
      'CAUSEWAY_AWS_ENDPOINT "localhost:4566" must start with "http://" or "https://", such as "http://127.0.0.1:4566"',
      'CAUSEWAY_OPERATOR_PRINCIPAL_ARN "arn:aws:sts::111111111111:assumed-role/x/y" must be the ARN of an IAM role or user, such as "arn:aws:iam::111111111111:role/causeway"',
    ]);
  });

  it('never repeats a secret', () => {
    const complaints = complaintsOf({
      DATABASE_URL: 'mysql://user:canary-password@db/causeway',
      AWS_SECRET_ACCESS_KEY: 'canary-secret',
      CAUSEWAY_PORT: 'x',
    });

    assert.equal(complaints.length, 3);
    assert.doesNotMatch(complaints.join(), /canary/);
  });

  it('wants both halves of the credentials, or none', () => {
    assert.deepEqual(complaintsOf({ AWS_ACCESS_KEY_ID: 'AKIASANDBOX111111111' }), [
      'AWS_SECRET_ACCESS_KEY is missing, and AWS_ACCESS_KEY_ID is of no use without it',
    ]);
    assert.deepEqual(complaintsOf({ AWS_SECRET_ACCESS_KEY: 'secret' }), [
      'AWS_ACCESS_KEY_ID is missing, and AWS_SECRET_ACCESS_KEY is of no use without it',
    ]);
  });

  it('finds a misspelled name, and leaves those of others alone', () => {
    assert.deepEqual(complaintsOf({ CAUSEWAY_PROT: '1', CAUSEWAY_SERVICE_HOST: '10.0.0.1' }), [
      'CAUSEWAY_PROT is unknown, and looks like CAUSEWAY_PORT',
    ]);
    parseConfiguration({ CAUSEWAY_API_KEY: 'cwk_x', CAUSEWAY_URL: 'http://127.0.0.1:7070' });
  });

  it('knows what Kubernetes does to a Service of this name', () => {
    assert.match(
      complaintsOf({ CAUSEWAY_PORT: 'tcp://10.0.0.1:7070' }).join(),
      /set enableServiceLinks to false/,
    );
  });
});

describe('describeVariables()', () => {
  it('gives an example of each variable that is accepted as it stands', () => {
    const examples = describeVariables().map(({ name, example }) => [name, example] as const);

    parseConfiguration(Object.fromEntries(examples));
  });
});
