import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/** As the API answers it: the parts that a customer's administrator uses. */
export interface SetupGuide {
  readonly values: readonly { readonly name: string; readonly value: string }[];
  readonly documents: readonly { readonly name: string; readonly document: object }[];
}

export interface TrustPolicy {
  Statement: { Principal: unknown; Condition: Record<string, Record<string, string>> }[];
}

export function guideValue({ values }: SetupGuide, name: string): string {
  const found = values.find((each) => each.name === name);
  if (!found) throw new Error(`The guide has no ${name}`);
  return found.value;
}

export function guideDocument({ documents }: SetupGuide, name: string): object {
  const found = documents.find((each) => each.name === name);
  if (!found) throw new Error(`The guide has no ${name}`);
  return found.document;
}

export function trustPolicyOf(guide: SetupGuide): TrustPolicy {
  return guideDocument(guide, 'trustPolicy') as TrustPolicy;
}

/** Three million flights: a dataset of real size. */
export const flights = resolve(
  dirname(createRequire(import.meta.url).resolve('vega-datasets')),
  '../data/flights-3m.parquet',
);

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The access key of an account's root user in the sandbox. */
export function rootKey(account: string): Credentials {
  return {
    accessKeyId: `AKIASANDBOX${account.slice(0, 9)}`,
    secretAccessKey: `sandbox-secret-${account}`,
  };
}

/** By which programs sign as that user: `AWS_*`, and nothing of this machine's own. */
export function rootEnvironment(account: string, home: string): Record<string, string> {
  const { accessKeyId, secretAccessKey } = rootKey(account);
  return {
    HOME: home,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** S3 for the root user of an account in the sandbox. */
export function rootS3(endpoint: string, account: string, region = 'us-east-1'): S3Client {
  return new S3Client({ endpoint, region, credentials: rootKey(account), forcePathStyle: true });
}

/** IAM for the same. */
export function rootIam(endpoint: string, account: string): IAMClient {
  return new IAMClient({ endpoint, region: 'us-east-1', credentials: rootKey(account) });
}

/** A customer's AWS account, by its root key in the sandbox or a key that is given. */
export class CustomerAccount {
  readonly id: string;
  readonly #iam: IAMClient;
  readonly #s3: S3Client;

  constructor(endpoint: string, id: string, credentials = rootKey(id)) {
    this.id = id;
    // The SDK writes into what it is given.
    const config = { endpoint, region: 'us-east-1', credentials: { ...credentials } };
    this.#iam = new IAMClient(config);
    this.#s3 = new S3Client({ ...config, forcePathStyle: true });
  }

  async createBucket(bucket: string): Promise<void> {
    await this.#s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }

  async createRole(guide: SetupGuide, trustPolicy: object = trustPolicyOf(guide)): Promise<void> {
    const roleName = guideValue(guide, 'roleName');
    await this.#iam.send(
      new CreateRoleCommand({
        RoleName: roleName,
        AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
      }),
    );
    await this.#iam.send(
      new PutRolePolicyCommand({
        RoleName: roleName,
        PolicyName: 'causeway',
        PolicyDocument: JSON.stringify(guideDocument(guide, 'permissionsPolicy')),
      }),
    );
  }

  async replaceTrustPolicy(roleName: string, trustPolicy: object): Promise<void> {
    await this.#iam.send(
      new UpdateAssumeRolePolicyCommand({
        RoleName: roleName,
        PolicyDocument: JSON.stringify(trustPolicy),
      }),
    );
  }

  async putBucketPolicy(bucket: string, policy: object): Promise<void> {
    await this.#s3.send(
      new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(policy) }),
    );
  }

  async keys(bucket: string): Promise<string[]> {
    const page = await this.#s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
  }

  async uploads(bucket: string): Promise<number> {
    const page = await this.#s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return page.Uploads?.length ?? 0;
  }

  async read(bucket: string, key: string): Promise<Buffer> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }
}

/** The guide's trust policy as a careless administrator writes it. */
export function withoutExternalId(guide: SetupGuide): TrustPolicy {
  const policy = structuredClone(trustPolicyOf(guide));
  for (const { Condition } of policy.Statement) delete Condition['StringEquals'];
  return policy;
}
