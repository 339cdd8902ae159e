import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { rootCredentials } from '../accounts.ts';
import { clientSettings, s3ClientSettings } from '../client-settings.ts';
import type { Sandbox } from '../start-sandbox.ts';

export const operator = '111111111111';
export const acme = '222222222222';
export const globex = '333333333333';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export const root = {
  operator: rootCredentials(operator),
  acme: rootCredentials(acme),
  globex: rootCredentials(globex),
};

export function s3Of(
  sandbox: Sandbox,
  credentials: Credentials,
  more: S3ClientConfig = {},
): S3Client {
  return new S3Client({
    ...s3ClientSettings,
    endpoint: sandbox.url,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
    ...more,
  });
}

/** Names buckets in the host name; every name of `localhost` leads to this machine. */
export function virtualHostS3(
  sandbox: Sandbox,
  credentials: Credentials,
  region = 'us-east-1',
): S3Client {
  const httpAgent = new Agent({
    keepAlive: true,
    lookup: (_name, options, found) => {
      if (options.all) found(null, [{ address: '127.0.0.1', family: 4 }]);
      else found(null, '127.0.0.1', 4);
    },
  });
  return s3Of(sandbox, credentials, {
    region,
    endpoint: `http://s3.localhost:${sandbox.port}`,
    forcePathStyle: false,
    requestHandler: { httpAgent },
  });
}

export function stsOf(sandbox: Sandbox, credentials: Credentials): STSClient {
  return new STSClient(settingsOf(sandbox, credentials));
}

export function iamOf(sandbox: Sandbox, credentials: Credentials): IAMClient {
  return new IAMClient(settingsOf(sandbox, credentials));
}

export function kmsOf(sandbox: Sandbox, credentials: Credentials, region = 'us-east-1'): KMSClient {
  return new KMSClient(settingsOf(sandbox, credentials, region));
}

export function sqsOf(sandbox: Sandbox, credentials: Credentials, region = 'us-east-1'): SQSClient {
  return new SQSClient(settingsOf(sandbox, credentials, region));
}

function settingsOf(sandbox: Sandbox, credentials: Credentials, region = 'us-east-1') {
  return { ...clientSettings, endpoint: sandbox.url, region, maxAttempts: 1, credentials };
}

/** Makes an IAM user with one inline policy and answers with its key. */
export async function createUserWithKey(
  sandbox: Sandbox,
  owner: Credentials,
  name: string,
  statements: readonly object[],
): Promise<Credentials> {
  const iam = iamOf(sandbox, owner);
  await iam.send(new CreateUserCommand({ UserName: name }));
  if (statements.length > 0) {
    await iam.send(
      new PutUserPolicyCommand({
        UserName: name,
        PolicyName: 'permissions',
        PolicyDocument: policy(...statements),
      }),
    );
  }
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  assert.ok(key?.AccessKeyId && key.SecretAccessKey);
  return { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
}

export function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export interface AwsFailure {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The error that AWS's SDK makes of an answer. Fails when there is none. */
export async function failureOf(sent: Promise<unknown>): Promise<AwsFailure> {
  try {
    await sent;
  } catch (error) {
    const thrown = error as {
      name: string;
      message: string;
      Code?: string;
      $metadata?: { httpStatusCode?: number };
      $response?: { headers?: Record<string, string> };
    };
    assert.ok(thrown.$metadata?.httpStatusCode, `not an answer: ${thrown.message}`);
    return {
      code: thrown.Code ?? thrown.name,
      message: thrown.message,
      status: thrown.$metadata.httpStatusCode,
      headers: thrown.$response?.headers ?? {},
    };
  }
  assert.fail('The request succeeded');
}
