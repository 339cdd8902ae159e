import { IAM } from '@aws-sdk/client-iam';
import { KMS } from '@aws-sdk/client-kms';
import { S3 } from '@aws-sdk/client-s3';
import { rootCredentials } from '@causeway/sandbox';

/** A call of AWS as data: what somebody does by hand, with a policy in it as JSON. */
export interface AwsCall {
  readonly service: 'iam' | 's3' | 'kms';
  /** AWS's name, such as `DeleteRole`. */
  readonly call: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** In another account than the bucket's. */
  readonly account?: string;
}

/** Makes a call as the root user of an account. */
export async function callAws(
  sandboxUrl: string,
  accountId: string,
  { service, call, input }: AwsCall,
): Promise<void> {
  const client = clientOf(sandboxUrl, accountId, service);
  const calls = client as unknown as Record<string, ((input: object) => unknown) | undefined>;
  const name = `${call.slice(0, 1).toLowerCase()}${call.slice(1)}`;
  if (!calls[name]) throw new Error(`${service} has no call ${call}`);
  await calls[name](withTexts(input));
}

const made = new Map<string, IAM | KMS | S3>();

/** The client of an account for a service, made once. */
function clientOf(endpoint: string, accountId: string, service: AwsCall['service']) {
  const place = `${endpoint} ${accountId} ${service}`;
  const known = made.get(place);
  if (known) return known;
  const config = { endpoint, region: 'us-east-1', credentials: rootCredentials(accountId) };
  const clients = {
    iam: () => new IAM(config),
    kms: () => new KMS(config),
    s3: () => new S3({ ...config, forcePathStyle: true }),
  };
  const client = clients[service]();
  made.set(place, client);
  return client;
}

/** Policies are texts to AWS. */
function withTexts(input: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      /(Policy|Document)$/.test(name) && typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  );
}
