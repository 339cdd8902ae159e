import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { rootKey, type SetupGuide } from './customer.ts';

/** One AWS call of a guide, in AWS's own names. */
export interface GuideStep {
  readonly service: 's3' | 'iam';
  readonly operation: string;
  readonly parameters: Readonly<Record<string, never>>;
  readonly optional: boolean;
}

export interface GuideWithSteps extends SetupGuide {
  readonly steps: readonly GuideStep[];
}

/** What a step may be, and the SDK's command for it. */
const commands = {
  CreateAccessKey: CreateAccessKeyCommand,
  CreateBucket: CreateBucketCommand,
  CreateOpenIDConnectProvider: CreateOpenIDConnectProviderCommand,
  CreatePolicy: CreatePolicyCommand,
  CreateRole: CreateRoleCommand,
  CreateUser: CreateUserCommand,
  PutBucketCors: PutBucketCorsCommand,
  PutBucketLifecycleConfiguration: PutBucketLifecycleConfigurationCommand,
  PutBucketPolicy: PutBucketPolicyCommand,
  PutRolePolicy: PutRolePolicyCommand,
  PutUserPolicy: PutUserPolicyCommand,
} as const;

/** Parameters that are structures in the SDK and JSON text in a guide. */
const structures = ['CORSConfiguration', 'LifecycleConfiguration'];

/**
 * Does what a guide says, call by call and with the SDK, as the administrator of an
 * account. Steps that are optional, and those whose operation is named in `except`, are left out.
 *
 * @returns the answers, by operation.
 */
export async function followGuide(
  endpoint: string,
  account: string,
  { steps }: GuideWithSteps,
  except: readonly string[] = [],
): Promise<Record<string, Record<string, never>>> {
  const config = { endpoint, region: 'us-east-1', credentials: rootKey(account) };
  const clients = {
    iam: new IAMClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  const answers: Record<string, Record<string, never>> = {};
  for (const { service, operation, parameters, optional } of steps) {
    if (optional || except.includes(operation)) continue;
    const Command = commands[operation as keyof typeof commands] as new (input: object) => object;
    const input = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [
        name,
        structures.includes(name) ? JSON.parse(value) : value,
      ]),
    );
    const send = clients[service].send.bind(clients[service]) as (
      command: object,
    ) => Promise<never>;
    answers[operation] = await send(new Command(input));
  }
  return answers;
}
