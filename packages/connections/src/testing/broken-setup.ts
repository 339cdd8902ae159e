import {
  CreatePolicyCommand,
  CreateRoleCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { type Capability, ConnectionCreate, guideDocument, guideValue } from '@causeway/contract';
import { applyJsonPatch, type JsonPatch } from '@causeway/policy';
import { createConnection } from '../create-connection.ts';
import { setupGuide } from '../setup/setup-guide.ts';
import { type CustomerClients, customerClients } from './customer-clients.ts';
import { type CompleteRole, customerAccount, issuer, operator } from './sample-customer.ts';

/** How a document differs from the guide's: other text in its place, or a JSON patch. */
type Difference = { readonly replace: object } | { readonly patch: JsonPatch };

/**
 * A setup that differs from the guide, what a check must say about it, and nothing else.
 * In every text `{{bucket}}`, `{{account}}`, `{{roleName}}`, `{{roleArn}}`, `{{externalId}}`,
 * `{{EXTERNALID}}`, `{{operatorArn}}` and `{{keyArn}}` stand for those of the connection.
 */
export interface BrokenSetup {
  readonly name: string;
  readonly why?: string;
  readonly capabilities?: readonly Capability[];
  readonly account?: string;
  readonly trustPolicy?: Difference;
  readonly permissionsPolicy?: Difference;
  readonly boundary?: object;
  /** Another name, or none at all. */
  readonly role?: { readonly missing?: true; readonly name?: string };
  readonly bucket?: {
    readonly missing?: true;
    readonly owner?: string;
    readonly region?: string;
    readonly policy?: readonly object[];
    readonly cors?: readonly object[];
    readonly objects?: readonly string[];
    /** Encrypts by a key of the account: with the default policy for keys, or this one. */
    readonly key?: {
      readonly policy?: object;
      readonly state?: 'disabled' | 'deleting' | 'missing';
    };
  };
  /** Every step that did not pass or was not skipped, as `id: verdict cause`, in order. */
  readonly finds: readonly string[];
  readonly outcome: 'healthy' | 'failing' | 'insecure';
  /** What the fix of the first finding is for, and part of what it says. */
  readonly fix?: { readonly document: string; readonly says?: string };
  /**
   * How the customer mends it: `offered` (the default) by what the check offers, `pasted` by
   * what comes out of pasting its policies, `advice`: it need not.
   */
  readonly mend?: 'offered' | 'pasted' | 'advice';
}

/** A broken setup as it stands in a sandbox: what an administrator would see there. */
export interface Site {
  connection: CompleteRole;
  readonly roleName: string;
  trustPolicy: object;
  permissionsPolicy: object;
  boundary: object | null;
  bucketPolicy: object | null;
  keyId: string | null;
  keyArn: string;
  readonly owner: CustomerClients;
}

let count = 0;

/** Sets a connection up as the guide says, but for what is broken. */
export async function breakSetup(sandboxUrl: string, broken: BrokenSetup): Promise<Site> {
  const account = broken.account ?? customerAccount;
  const input = ConnectionCreate.parse({
    customerId: 'cus_1',
    location: `s3://broken-setup-${++count}/causeway/`,
    accountId: account,
    capabilities: broken.capabilities ?? ['deliver'],
  });
  const connection = createConnection(input, { operator, issuer }) as CompleteRole;
  const guide = setupGuide(connection, operator);
  const owner = customerClients(sandboxUrl, account);
  const site: Site = {
    connection,
    roleName: broken.role?.name ?? guideValue(guide, 'roleName'),
    trustPolicy: {},
    permissionsPolicy: {},
    boundary: null,
    bucketPolicy: null,
    keyId: null,
    keyArn: '',
    owner,
  };
  await makeBucket(sandboxUrl, site, broken);
  site.trustPolicy = change(site, guideDocument(guide, 'trustPolicy'), broken.trustPolicy);
  site.permissionsPolicy = change(
    site,
    guideDocument(guide, 'permissionsPolicy'),
    broken.permissionsPolicy,
  );
  site.boundary = broken.boundary ? fill(site, broken.boundary) : null;
  if (!broken.role?.missing) await makeRole(site);
  if (broken.bucket?.policy && !broken.bucket.missing) {
    site.bucketPolicy = fill(site, {
      Version: '2012-10-17',
      Statement: broken.bucket.policy,
    });
    const bucketOwner = customerClients(sandboxUrl, broken.bucket.owner ?? account);
    await bucketOwner.s3.send(
      new PutBucketPolicyCommand({
        Bucket: connection.bucket,
        Policy: JSON.stringify(site.bucketPolicy),
      }),
    );
  }
  return site;
}

/** Creates the role with everything that is known of it. */
export async function makeRole(site: Site): Promise<void> {
  const { owner, roleName } = site;
  await owner.iam.send(
    new CreateRoleCommand({
      RoleName: roleName,
      AssumeRolePolicyDocument: JSON.stringify(site.trustPolicy),
    }),
  );
  await putPermissions(site);
  if (!site.boundary) return;
  const { Policy } = await owner.iam.send(
    new CreatePolicyCommand({
      PolicyName: `boundary-${roleName}`,
      PolicyDocument: JSON.stringify(site.boundary),
    }),
  );
  await owner.iam.send(
    new PutRolePermissionsBoundaryCommand({
      RoleName: roleName,
      PermissionsBoundary: Policy?.Arn,
    }),
  );
}

export async function putPermissions({ owner, roleName, permissionsPolicy }: Site): Promise<void> {
  await owner.iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: 'causeway',
      PolicyDocument: JSON.stringify(permissionsPolicy),
    }),
  );
}

async function makeBucket(sandboxUrl: string, site: Site, broken: BrokenSetup): Promise<void> {
  const { bucket = {} } = broken;
  if (bucket.missing) return;
  const { s3 } = customerClients(sandboxUrl, bucket.owner ?? broken.account ?? customerAccount);
  const Bucket = site.connection.bucket;
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ...(bucket.region && {
        CreateBucketConfiguration: {
          LocationConstraint: bucket.region as BucketLocationConstraint,
        },
      }),
    }),
  );
  if (bucket.key) await encryptBucket(site, bucket.key);
  for (const key of bucket.objects ?? []) {
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: 'id\n1\n' }));
  }
  if (bucket.cors) {
    const CORSRules = fill(site, bucket.cors) as { AllowedMethods: []; AllowedOrigins: [] }[];
    await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  }
}

async function encryptBucket(
  site: Site,
  { policy, state }: NonNullable<NonNullable<BrokenSetup['bucket']>['key']>,
): Promise<void> {
  const { kms, s3 } = site.owner;
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand(policy ? { Policy: JSON.stringify(fill(site, policy)) } : {}),
  );
  site.keyId = KeyMetadata?.KeyId ?? '';
  site.keyArn = KeyMetadata?.Arn ?? '';
  const missing = site.keyArn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket: site.connection.bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: state === 'missing' ? missing : site.keyArn,
            },
          },
        ],
      },
    }),
  );
  const KeyId = site.keyId;
  if (state === 'disabled') await kms.send(new DisableKeyCommand({ KeyId }));
  if (state === 'deleting') {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  }
}

function change(site: Site, document: object, difference: Difference | undefined): object {
  if (!difference) return document;
  if ('replace' in difference) return fill(site, difference.replace);
  return applyJsonPatch(document, fill(site, difference.patch) as JsonPatch) as object;
}

/** Puts the connection's own values where the case names them. */
function fill(site: Site, template: object): object {
  const { connection } = site;
  const values: Readonly<Record<string, string>> = {
    bucket: connection.bucket,
    account: connection.accountId,
    roleName: connection.roleName,
    roleArn: connection.roleArn,
    externalId: connection.externalId,
    EXTERNALID: connection.externalId.toUpperCase(),
    operatorArn: operator.principalArn,
    keyArn: site.keyArn,
  };
  const text = JSON.stringify(template).replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`A case names {{${name}}}, which no connection has`);
    return value;
  });
  return JSON.parse(text) as object;
}
