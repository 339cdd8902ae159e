import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { rootCredentials } from '@causeway/sandbox';

export interface OperatorCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The operator's account in the sandbox, and the user that Causeway runs as. */
const operatorAccount = '111111111111';
const userName = 'causeway';

/**
 * The operator's own AWS user, as a company would make it: it may assume roles and
 * nothing else. Made on the first start and kept, with its key, in `file`.
 */
export async function sandboxOperator(
  endpoint: string,
  file: string,
): Promise<OperatorCredentials> {
  const kept = await readKept(file);
  if (kept && (await isKnown(endpoint, kept))) return kept;
  const iam = new IAMClient({
    endpoint,
    region: 'us-east-1',
    credentials: rootCredentials(operatorAccount),
  });
  await iam.send(new CreateUserCommand({ UserName: userName })).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'EntityAlreadyExistsException') throw error;
  });
  await iam.send(
    new PutUserPolicyCommand({
      UserName: userName,
      PolicyName: 'assume-customer-roles',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AssumeCustomerRoles',
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Resource: 'arn:aws:iam::*:role/causeway-*',
          },
        ],
      }),
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: userName }));
  if (!AccessKey?.AccessKeyId || !AccessKey.SecretAccessKey) {
    throw new Error('Cannot use the answer of iam:CreateAccessKey: it holds no key');
  }
  const made = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

async function readKept(file: string): Promise<OperatorCredentials | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as OperatorCredentials;
  } catch {
    return null;
  }
}

async function isKnown(endpoint: string, credentials: OperatorCredentials): Promise<boolean> {
  const sts = new STSClient({ endpoint, region: 'us-east-1', credentials });
  return sts.send(new GetCallerIdentityCommand({})).then(
    () => true,
    () => false,
  );
}
