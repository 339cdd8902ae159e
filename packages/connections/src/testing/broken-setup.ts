import {
  CreateKeyCommand,
  DisableKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketPolicyCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  type Access,
  type Capability,
  type Connection,
  ConnectionCreate,
  type PlacedConnection,
} from '@causeway/contract';
import { createConnection } from '../create-connection.ts';
import { setupGuide } from '../setup/setup-guide.ts';
import { identityTokens } from '../web-identity/identity-tokens.ts';
import { type AwsCall, callAws } from './aws-call.ts';
import { customerClients } from './customer-clients.ts';
import { type EnteredKey, enterKey, makePrincipal, registerProvider } from './principal.ts';
import { customerAccount, issuer, operator } from './sample-customer.ts';
import { managedOperator, newManaged } from './sample-managed.ts';
import { type Difference, documentAt, fill, type Site, type Stage } from './site.ts';

/**
 * A setup that differs from the guide, what a check must say about it, and nothing else.
 * In every text `{{name}}` stands for what the guide of the connection calls so, such as
 * `{{bucket}}`, `{{roleName}}`, `{{externalId}}` or `{{subject}}`, and besides for
 * `{{account}}` (of the bucket), `{{operatorArn}}`, `{{keyArn}}`, `{{accessKeyId}}`,
 * `{{provider}}`, `{{providerArn}}`, and `{{EXTERNALID}}` and `{{SUBJECT}}` in other letters.
 */
export interface BrokenSetup {
  readonly name: string;
  readonly why?: string;
  readonly capabilities?: readonly Capability[];
  readonly account?: string;
  /** What of the connection itself is otherwise, as one asks for it when it is made. */
  readonly connection?: object;
  readonly trustPolicy?: Difference;
  readonly permissionsPolicy?: Difference;
  readonly boundary?: object;
  /** Another name, or none at all. */
  readonly role?: { readonly missing?: true; readonly name?: string };
  /** What stands at the address of the issuer of the tokens. */
  readonly issuer?: Exclude<Site['issuer'], null>['publishes'];
  readonly accessKey?: EnteredKey;
  readonly accessKeyAgeDays?: number;
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
  /** What somebody takes out of the bucket's policy then, by Sid, and adds to it. */
  readonly bucketPolicyLoses?: readonly string[];
  readonly bucketPolicyGains?: readonly object[];
  /** What somebody does by hand after all that. */
  readonly afterwards?: readonly AwsCall[];
  /** Every step that did not pass or was not skipped, as `id: verdict cause`, in order. */
  readonly finds: readonly string[];
  readonly outcome: 'healthy' | 'failing' | 'insecure';
  /** What the fix of the first finding is for, and part of what it says. */
  readonly fix?: { readonly document: string; readonly says?: string };
  /**
   * How it is mended: `offered` (the default) by what the check offers, `pasted` by
   * what comes out of pasting its policies, `advice`: it need not.
   */
  readonly mend?: 'offered' | 'pasted' | 'advice';
}

/** Sets a connection up as the guide says, but for what is broken. */
export async function breakSetup(stage: Stage, access: Access, broken: BrokenSetup): Promise<Site> {
  const site = newSite(stage, access, broken);
  if (site.connection.owner === 'operator') {
    const ours = managedOperator(stage.sandboxUrl, stage.credentials);
    site.connection = await ours.provision(site.connection);
  } else {
    await setUp(site, broken);
  }
  await changeBucketPolicy(site, broken);
  for (const call of fill(site, broken.afterwards ?? [])) {
    await callAws(stage.sandboxUrl, call.account ?? site.connection.accountId ?? '', call);
  }
  return site;
}

function newSite(stage: Stage, access: Access, broken: BrokenSetup): Site {
  const own = access === 'web_identity' ? stage.issuers.add() : null;
  const connection = newConnection(
    access,
    broken,
    own ? { ...issuer, url: own.tokens.url } : issuer,
  ) as PlacedConnection;
  const entered: Site['entered'] = new Map();
  return {
    stage,
    connection,
    guide: setupGuide(connection, operator),
    principalName: broken.role?.name ?? nameOf(connection),
    trustPolicy: {},
    permissionsPolicy: {},
    boundary: null,
    bucketPolicy: null,
    keyId: null,
    keyArn: '',
    owner: customerClients(stage.sandboxUrl, connection.accountId ?? ''),
    issuer: own,
    entered,
    accessKeyId: '',
    deps: {
      secrets: { read: async ({ field }) => entered.get(field) ?? null },
      ...(own && { identityTokens: identityTokens({ issuer: own.tokens, tokenFile: null }) }),
    },
  };
}

function nameOf(connection: Connection): string {
  if (connection.access === 'access_key') return connection.userName;
  return 'roleName' in connection ? connection.roleName : '';
}

let count = 0;

function newConnection(access: Access, broken: BrokenSetup, signer: typeof issuer): Connection {
  const { capabilities, account: accountId = customerAccount, connection = {} } = broken;
  if (access === 'bucket_policy' || access === 'operator_role') {
    return newManaged(access, { ...(capabilities && { capabilities }), ...connection });
  }
  const input = ConnectionCreate.parse({
    customerId: 'cus_1',
    access,
    location: `s3://broken-setup-${++count}/causeway/`,
    accountId,
    capabilities: capabilities ?? ['deliver'],
    ...connection,
  });
  return createConnection(input, { operator, issuer: signer });
}

/** Does what the guide asks of a customer, but for what is broken. */
async function setUp(site: Site, broken: BrokenSetup): Promise<void> {
  const { connection, owner, stage } = site;
  await makeBucket(site, broken);
  site.trustPolicy = documentAt(site, 'trustPolicy', broken.trustPolicy);
  site.permissionsPolicy = documentAt(site, 'permissionsPolicy', broken.permissionsPolicy);
  site.boundary = broken.boundary ? fill(site, broken.boundary) : null;
  await registerProvider(site);
  if (site.issuer && broken.issuer) site.issuer.publishes = broken.issuer;
  if (!broken.role?.missing) await makePrincipal(site);
  if (connection.access === 'access_key') {
    const madeAt = new Date(Date.now() - (broken.accessKeyAgeDays ?? 0) * 86_400_000);
    await enterKey(site, broken.accessKey ?? 'its own', madeAt);
  }
  if (!broken.bucket?.policy || broken.bucket.missing) return;
  site.bucketPolicy = fill(site, { Version: '2012-10-17', Statement: broken.bucket.policy });
  const bucketOwner = broken.bucket.owner
    ? customerClients(stage.sandboxUrl, broken.bucket.owner)
    : owner;
  await bucketOwner.s3.send(
    new PutBucketPolicyCommand({
      Bucket: connection.bucket,
      Policy: JSON.stringify(site.bucketPolicy),
    }),
  );
}

async function changeBucketPolicy(site: Site, broken: BrokenSetup): Promise<void> {
  const { bucketPolicyLoses: lost = [], bucketPolicyGains: gained = [] } = broken;
  if (lost.length + gained.length === 0) return;
  const Bucket = site.connection.bucket;
  const { s3 } = site.owner;
  const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  const policy = JSON.parse(Policy) as { Statement: { Sid: string }[] };
  const kept = policy.Statement.filter(({ Sid }) => !lost.includes(Sid));
  const Statement = [...kept, ...fill(site, gained)];
  const changed = JSON.stringify({ ...policy, Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: changed }));
}

async function makeBucket(site: Site, broken: BrokenSetup): Promise<void> {
  const { bucket = {} } = broken;
  if (bucket.missing) return;
  const { s3 } = bucket.owner ? customerClients(site.stage.sandboxUrl, bucket.owner) : site.owner;
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
