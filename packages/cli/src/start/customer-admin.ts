import {
  CreateRoleCommand,
  type IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { guideDocument, type SetupGuide, type SetupStep } from '@causeway/contract';
import { accountClients, unless } from '@causeway/sandbox/clients';

/** AWS's names for what a repeated step meets. */
const alreadyThere = ['BucketAlreadyOwnedByYou', 'EntityAlreadyExistsException'];

/**
 * A customer's AWS administrator: works with the customer's own credentials, on
 * the customer's own account, and knows of Causeway what the setup guide says.
 */
export class CustomerAdmin {
  readonly accountId: string;
  readonly #iam: IAMClient;
  readonly #s3: S3Client;

  constructor(sandboxUrl: string, accountId: string) {
    this.accountId = accountId;
    const { iam, s3 } = accountClients(sandboxUrl, accountId);
    this.#iam = iam;
    this.#s3 = s3;
  }

  /**
   * Carries out the steps that the guide of a role demands, and returns them; what is
   * there already is left as it is. `trustPolicy` replaces the guide's own.
   */
  async apply(
    guide: SetupGuide,
    trustPolicy: object = guideDocument(guide, 'trustPolicy'),
  ): Promise<SetupStep[]> {
    const steps = guide.steps.filter(({ optional }) => !optional);
    for (const step of steps) {
      await this.#take(step, trustPolicy).catch(unless(...alreadyThere));
    }
    return steps;
  }

  async replaceTrustPolicy(roleName: string, trustPolicy: object): Promise<void> {
    await this.#iam.send(
      new UpdateAssumeRolePolicyCommand({
        RoleName: roleName,
        PolicyDocument: JSON.stringify(trustPolicy),
      }),
    );
  }

  /** All keys that the customer sees in a bucket. */
  async keys(bucket: string, prefix = ''): Promise<string[]> {
    const keys: string[] = [];
    let after: string | undefined;
    do {
      const page = await this.#s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: after }),
      );
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      after = page.NextContinuationToken;
    } while (after);
    return keys;
  }

  async #take(step: SetupStep, trustPolicy: object): Promise<void> {
    const text = (name: string) => String(step.parameters[name]);
    switch (step.operation) {
      case 'CreateBucket':
        await this.#s3.send(new CreateBucketCommand({ Bucket: text('Bucket') }));
        return;
      case 'CreateRole':
        await this.#iam.send(
          new CreateRoleCommand({
            RoleName: text('RoleName'),
            Description: text('Description'),
            AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
          }),
        );
        return;
      case 'PutRolePolicy':
        await this.#iam.send(
          new PutRolePolicyCommand({
            RoleName: text('RoleName'),
            PolicyName: text('PolicyName'),
            PolicyDocument: text('PolicyDocument'),
          }),
        );
        return;
      default:
        throw new Error(`The sample customers have no use for ${step.operation}`);
    }
  }
}
