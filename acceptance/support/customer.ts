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
  S3Client,
} from '@aws-sdk/client-s3';

interface SetupGuide {
  readonly roleName: string;
  readonly trustPolicy: { Statement: { Condition: Record<string, unknown> }[] };
  readonly permissionsPolicy: object;
}

/** A customer's AWS account in the sandbox, by its root key. */
export class CustomerAccount {
  readonly id: string;
  readonly #iam: IAMClient;
  readonly #s3: S3Client;

  constructor(endpoint: string, id: string) {
    this.id = id;
    const credentials = {
      accessKeyId: `AKIASANDBOX${id.slice(0, 9)}`,
      secretAccessKey: `sandbox-secret-${id}`,
    };
    const config = { endpoint, region: 'us-east-1', credentials };
    this.#iam = new IAMClient(config);
    this.#s3 = new S3Client({ ...config, forcePathStyle: true });
  }

  async createBucket(bucket: string): Promise<void> {
    await this.#s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }

  async createRole(guide: SetupGuide, trustPolicy: object = guide.trustPolicy): Promise<void> {
    await this.#iam.send(
      new CreateRoleCommand({
        RoleName: guide.roleName,
        AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
      }),
    );
    await this.#iam.send(
      new PutRolePolicyCommand({
        RoleName: guide.roleName,
        PolicyName: 'causeway',
        PolicyDocument: JSON.stringify(guide.permissionsPolicy),
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
export function withoutExternalId(guide: SetupGuide): object {
  const policy = structuredClone(guide.trustPolicy);
  for (const { Condition } of policy.Statement) delete Condition['StringEquals'];
  return policy;
}
