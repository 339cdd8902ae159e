import {
  type AccessInput,
  type AccessMethod,
  accessDocuments,
  accessMethods,
  evaluate,
  managedFolders,
  type Policy,
  type PolicyCapability,
  type PolicyKind,
  type PolicySet,
  parsePolicy,
} from '../../index.ts';

/** One row of the table: an access for a capability in a partition, with or without a key and receipts. */
export interface Combination {
  readonly access: AccessMethod;
  readonly capability: PolicyCapability;
  readonly partition: string;
  readonly region: string;
  readonly hasKey: boolean;
  /** Where deliveries go into a managed bucket, whether the customer may say that it has them. */
  readonly receipts: boolean;
}

const regions = {
  aws: 'eu-west-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
} as const;

export const combinations: readonly Combination[] = accessMethods.flatMap((access) =>
  (['deliver', 'ingest', 'browse'] as const).flatMap((capability) =>
    Object.entries(regions).flatMap(([partition, region]) =>
      [false, true].flatMap((hasKey) =>
        (isManaged(access) && capability === 'deliver' ? [false, true] : [false]).map(
          (receipts) => ({ access, capability, partition, region, hasKey, receipts }),
        ),
      ),
    ),
  ),
);

export const operatorAccount = '111111111111';
export const customerAccount = '222222222222';
export const externalId = 'cw-0f8fad5bd9cb469fa16570867728950e';
export const bucket = 'acme-data';

export function inputOf(combination: Combination): AccessInput {
  const { access, capability, partition, hasKey } = combination;
  return {
    access,
    capabilities: [capability],
    bucket,
    prefix: isManaged(access) ? '' : 'causeway/',
    partition,
    accountId: customerAccount,
    operatorAccountId: operatorAccount,
    operatorPrincipals: [`arn:${partition}:iam::${operatorAccount}:role/causeway-assumer`],
    externalId,
    issuer: 'https://identity.example.com',
    audience: 'sts.amazonaws.com',
    subject: 'causeway:acme',
    origins: ['https://app.example.com'],
    ...(hasKey && { kmsKeyArn: keyOf(combination) }),
    ...(combination.receipts && { receipts: true }),
  };
}

export function isManaged(access: AccessMethod): boolean {
  return access === 'bucket_policy' || access === 'operator_role';
}

export function keyOf(combination: Combination, id = '1111aaaa'): string {
  const { partition, region } = combination;
  return `arn:${partition}:kms:${region}:${ownerOf(combination)}:key/${id}`;
}

/** Where the combination has its files. */
export function folderOf({ access, capability }: Combination): string {
  return isManaged(access) ? managedFolders[capability] : 'causeway/';
}

/** Where the customer writes receipts. */
export const receiptFolder = `${managedFolders.deliver}_causeway/receipts/`;

/** The calls on objects that the combination is for. */
export function actionsOf({ access, capability }: Combination): readonly string[] {
  const writing = ['s3:PutObject', 's3:AbortMultipartUpload'];
  // In a managed bucket it is the customer who acts: what is ingested is what it puts there.
  if (isManaged(access)) {
    if (capability === 'ingest') return writing;
    return capability === 'deliver' ? ['s3:GetObject'] : [...writing, 's3:GetObject'];
  }
  return capability === 'ingest' ? ['s3:GetObject'] : [...writing, 's3:GetObject'];
}

type Context = Readonly<Record<string, string | readonly string[]>>;

/** What S3 says of every request that is as it should be. */
const wellMade: Context = {
  'aws:SecureTransport': 'true',
  's3:TlsVersion': '1.3',
  's3:authType': 'REST-HEADER',
  's3:signatureversion': 'AWS4-HMAC-SHA256',
  's3:signatureAge': '1000',
};

/** Every generated document in its place, and a caller to try them with. */
export interface Stage {
  readonly combination: Combination;
  /** Of the role that is assumed on the way; null where none is. */
  readonly roleArn: string | null;
  /** Whoever calls S3, unless told otherwise. */
  readonly caller: string;
  /** Decides a call of S3. */
  s3(action: string, resource: string, context?: Context, caller?: string): string;
  /** Decides a call of KMS that S3 makes for its caller. */
  kms(action: string, key: string, context: Context): string;
  /** Decides whether somebody may assume the role. */
  assume(principal: string, context: Context, role?: string, account?: string): string;
}

export function stageOf(combination: Combination, changes: Partial<AccessInput> = {}): Stage {
  const { access } = combination;
  const documents = accessDocuments({ ...inputOf(combination), ...changes });
  const read = (name: string, type: PolicyKind): Policy | null => {
    const found = documents.find((document) => document.name === name);
    return found ? parsePolicy(found.document, { name, type }) : null;
  };
  const list = (...policies: (Policy | null)[]) => policies.filter((policy) => policy !== null);
  const owner = ownerOf(combination);
  const roleArn = roleOf(combination);
  const caller = callerOf(combination);
  const own: PolicySet = {
    identityPolicies:
      access === 'bucket_policy'
        ? list(read('customerPolicy', 'identity'))
        : list(read('permissionsPolicy', 'identity')),
    permissionsBoundary: read('permissionsBoundary', 'boundary'),
    sessionPolicies: list(read('sessionPolicy', 'session')),
  };
  const bucketPolicy = read('bucketPolicy', 'resource');
  const keyPolicy = read('keyPolicy', 'key');
  const assuming = list(
    read(access === 'operator_role' ? 'customerPolicy' : 'assumeRolePolicy', 'identity'),
  );
  const trust = read('trustPolicy', 'trust');
  const ask = (
    principal: string,
    action: string,
    resource: string,
    resourceAccount: string,
    context: Context,
    policies: PolicySet,
  ) => evaluate({ principal, action, resource, resourceAccount, context }, policies).decision;
  return {
    combination,
    roleArn,
    caller,
    s3: (action, resource, context = {}, who = caller) =>
      ask(
        who,
        action,
        resource,
        owner,
        { ...wellMade, ...context },
        {
          ...own,
          resourcePolicy: bucketPolicy,
        },
      ),
    kms: (action, key, context) =>
      ask(caller, action, key, owner, context, { ...own, resourcePolicy: keyPolicy }),
    assume: (principal, context, role = roleArn ?? '', account = owner) =>
      ask(
        principal,
        access === 'web_identity' ? 'sts:AssumeRoleWithWebIdentity' : 'sts:AssumeRole',
        role,
        account,
        context,
        { identityPolicies: assuming, resourcePolicy: trust },
      ),
  };
}

function ownerOf({ access }: Combination): string {
  return isManaged(access) ? operatorAccount : customerAccount;
}

function roleOf(combination: Combination): string | null {
  const { access, partition } = combination;
  if (access === 'access_key' || access === 'bucket_policy') return null;
  return `arn:${partition}:iam::${ownerOf(combination)}:role/causeway`;
}

function callerOf(combination: Combination): string {
  const { access, partition } = combination;
  if (access === 'access_key') return `arn:${partition}:iam::${customerAccount}:user/causeway`;
  if (access === 'bucket_policy') return `arn:${partition}:iam::${customerAccount}:user/loader`;
  return `arn:${partition}:sts::${ownerOf(combination)}:assumed-role/causeway/run1`;
}
