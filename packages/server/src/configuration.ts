import { availableParallelism } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { CausewayError } from '@causeway/contract';
import { describeVariables, type Variables, variables } from './configuration-variables.ts';
import { editDistance } from './edit-distance.ts';

/** What a Causeway process is told when it starts. Nothing reads the environment after that. */
export interface Configuration {
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Null: an embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
  readonly aws: AwsConfiguration;
  /** Who customers know the operator as. */
  readonly operatorName: string;
  /** Null: setup guides have no link that opens CloudFormation. */
  readonly templateBucket: string | null;
  /** Where customers reach this server. */
  readonly publicUrl: string;
  /** Who signs the tokens of connections by `web_identity`, unless they name another. */
  readonly issuer: { readonly url: string; readonly audience: string };
  /** Absolute. Null: no tokens of other issuers. */
  readonly webIdentityTokenFile: string | null;
  /** Absolute. Tokens of other issuers that roles must refuse. */
  readonly webIdentityProbeTokenFiles: readonly string[];
  /** Whether roles are used of which nobody has shown that they refuse other subjects. */
  readonly acceptsUnprovedSubject: boolean;
  /** Absolute. */
  readonly sourceDirs: readonly string[];
  /** What may be fetched for one source. */
  readonly downloadLimitMb: number;
  readonly memoryLimitMb: number;
  readonly threads: number;
  readonly concurrentRuns: number;
  readonly uploadMemoryMb: number;
  /** Files up to this size are written in one request; their bytes are kept in the database before. */
  readonly smallFileKb: number;
  readonly slowBucketSeconds: number;
  /** How long keys that customers are to forget are kept. */
  readonly forgottenKeysDays: number;
  readonly checks: ChecksConfiguration;
  /** Null: made in the data folder. */
  readonly signingKeyFile: string | null;
  /** Stores other than AWS that connections may name. */
  readonly allowedEndpoints: readonly string[];
  /** Hosts in private networks that webhooks may be sent to. */
  readonly privateWebhookHosts: readonly string[];
  /** Exact origins of the pages that use buckets from browsers. */
  readonly browserOrigins: readonly string[];
  /** What encrypts the secrets in the database: a key of KMS by its ARN, or a file. */
  readonly secrets: {
    /** Null: made in the data folder, unless there is a key of KMS. */
    readonly keyFile: string | null;
    readonly kmsKey: string | null;
  };
}

export interface ChecksConfiguration {
  /** How old the last check may be when a run begins. */
  readonly beforeRunSeconds: number;
  /** How long what was found wrong with an active connection must last before it counts. */
  readonly confirmSeconds: number;
}

export interface AwsConfiguration {
  /** Null: AWS itself. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Null: found by `sts:GetCallerIdentity`. */
  readonly operatorPrincipalArn: string | null;
  readonly operatorOtherPrincipalArn: string | null;
  /** Null: found by the AWS SDK's own chain. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  } | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration once. Empty variables count as absent, and relative paths
 * start from `workingDir`.
 *
 * @throws CausewayError `configuration_invalid`, naming all that is wrong at once.
 */
export function parseConfiguration(
  environment: Environment,
  workingDir: string = process.cwd(),
): Configuration {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = variables.safeParse(given);
  const issues = [
    ...new Set(
      parsed.error?.issues.map((issue) => complaintOf(String(issue.path[0]), given)) ?? [],
    ),
    ...halfCredentials(given),
    ...misspelled(given),
  ];
  if (!parsed.success || issues.length > 0) {
    throw new CausewayError('configuration_invalid', { issues });
  }
  return toConfiguration(parsed.data, workingDir);
}

function toConfiguration(values: Variables, workingDir: string): Configuration {
  const dataDir = resolve(workingDir, values.CAUSEWAY_DATA_DIR);
  const publicUrl =
    values.CAUSEWAY_PUBLIC_URL ?? `http://${values.CAUSEWAY_HOST}:${values.CAUSEWAY_PORT}`;
  const path = (given: string | undefined) =>
    given === undefined ? null : resolve(workingDir, given);
  const paths = (list: string | undefined) =>
    list
      ?.split(delimiter)
      .filter((each) => each !== '')
      .map((each) => resolve(workingDir, each));
  return {
    dataDir,
    host: values.CAUSEWAY_HOST,
    port: values.CAUSEWAY_PORT,
    databaseUrl: values.DATABASE_URL ?? null,
    operatorName: values.CAUSEWAY_OPERATOR_NAME,
    templateBucket: values.CAUSEWAY_TEMPLATE_BUCKET ?? null,
    publicUrl,
    issuer: { url: values.CAUSEWAY_ISSUER_URL ?? publicUrl, audience: 'sts.amazonaws.com' },
    webIdentityTokenFile: path(values.CAUSEWAY_WEB_IDENTITY_TOKEN_FILE),
    webIdentityProbeTokenFiles: paths(values.CAUSEWAY_WEB_IDENTITY_PROBE_TOKEN_FILES) ?? [],
    acceptsUnprovedSubject: values.CAUSEWAY_WEB_IDENTITY_UNPROVED_SUBJECT === 'accept',
    aws: {
      endpoint: values.CAUSEWAY_AWS_ENDPOINT ?? null,
      region: values.CAUSEWAY_AWS_REGION ?? values.AWS_REGION,
      operatorPrincipalArn: values.CAUSEWAY_OPERATOR_PRINCIPAL_ARN ?? null,
      operatorOtherPrincipalArn: values.CAUSEWAY_OPERATOR_OTHER_PRINCIPAL_ARN ?? null,
      credentials: credentialsOf(values),
    },
    sourceDirs: paths(values.CAUSEWAY_SOURCE_DIRS) ?? [resolve(dataDir, 'sources')],
    downloadLimitMb: values.CAUSEWAY_DOWNLOAD_LIMIT_MB,
    memoryLimitMb: values.CAUSEWAY_MEMORY_LIMIT_MB,
    threads: values.CAUSEWAY_THREADS ?? availableParallelism(),
    concurrentRuns: values.CAUSEWAY_CONCURRENT_RUNS,
    uploadMemoryMb: values.CAUSEWAY_UPLOAD_MEMORY_MB,
    smallFileKb: values.CAUSEWAY_SMALL_FILE_KB,
    slowBucketSeconds: values.CAUSEWAY_SLOW_BUCKET_SECONDS,
    forgottenKeysDays: values.CAUSEWAY_FORGOTTEN_KEYS_DAYS,
    checks: {
      beforeRunSeconds: values.CAUSEWAY_CHECK_BEFORE_RUN_MINUTES * 60,
      // IAM takes up to a minute to spread a change.
      confirmSeconds: 60,
    },
    signingKeyFile: path(values.CAUSEWAY_SIGNING_KEY_FILE),
    allowedEndpoints: values.CAUSEWAY_ALLOWED_ENDPOINTS ?? [],
    privateWebhookHosts: values.CAUSEWAY_PRIVATE_WEBHOOK_HOSTS ?? [],
    browserOrigins: values.CAUSEWAY_BROWSER_ORIGINS ?? [],
    secrets: {
      keyFile: path(values.CAUSEWAY_SECRETS_KEY_FILE),
      kmsKey: values.CAUSEWAY_SECRETS_KMS_KEY ?? null,
    },
  };
}

function credentialsOf(values: Variables): AwsConfiguration['credentials'] {
  const accessKeyId = values.AWS_ACCESS_KEY_ID;
  const secretAccessKey = values.AWS_SECRET_ACCESS_KEY;
  const sessionToken = values.AWS_SESSION_TOKEN;
  if (accessKeyId === undefined || secretAccessKey === undefined) return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

function complaintOf(name: string, given: Environment): string {
  const variable = describeVariables().find((candidate) => candidate.name === name);
  const found = given[name];
  if (!variable) return `${name} is wrong`;
  const value = variable.secret || found === undefined ? '' : ` "${found}"`;
  // https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
  const fromKubernetes =
    name === 'CAUSEWAY_PORT' && found?.startsWith('tcp://')
      ? ' (Kubernetes sets this one for a Service named "causeway": set enableServiceLinks to false)'
      : '';
  return `${name}${value} must ${variable.must}, such as "${variable.example}"${fromKubernetes}`;
}

function halfCredentials(given: Environment): string[] {
  const id = given['AWS_ACCESS_KEY_ID'] !== undefined;
  const secret = given['AWS_SECRET_ACCESS_KEY'] !== undefined;
  if (id === secret) return [];
  const [there, missing] = id
    ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
  return [`${missing} is missing, and ${there} is of no use without it`];
}

/** Names that are nearly ours: a setting that is silently ignored is worse than none. */
function misspelled(given: Environment): string[] {
  const names = describeVariables().map((variable) => String(variable.name));
  return Object.keys(given).flatMap((name) => {
    if (!name.startsWith('CAUSEWAY_') || names.includes(name)) return [];
    const meant = names.find((candidate) => editDistance(name, candidate) <= 2);
    return meant === undefined ? [] : [`${name} is unknown, and looks like ${meant}`];
  });
}
