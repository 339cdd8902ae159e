import { delimiter } from 'node:path';
import { endpointRules, mostSmallBytes } from '@causeway/objectstore';
import { corsConfiguration } from '@causeway/policy';
import { z } from 'zod';

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^[0-9]+$/)
    .transform(Number)
    .pipe(z.int().min(from).max(to));

function entriesOf(list: string): string[] {
  return list.split(/[\s,]+/).filter((entry) => entry !== '');
}

const mostSmallFileKb = mostSmallBytes / 1024;

const webAddress = z.url({ protocol: /^https?$/ });

const principalArn = z.string().regex(/^arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)\/[\w+=,.@/-]+$/);

function isListOfEndpoints(list: readonly string[]): boolean {
  try {
    endpointRules(list);
    return true;
  } catch {
    return false;
  }
}

function areExactOrigins(origins: readonly string[]): boolean {
  try {
    corsConfiguration({ origins });
    return true;
  } catch {
    return false;
  }
}

/** Said of a variable beside its schema: what it must be, and one that is. */
export interface VariableMeta {
  readonly description: string;
  readonly must: string;
  readonly example: string;
  /** Its value is never repeated. */
  readonly secret?: boolean;
  /** What holds without it, if that is no value of its own. */
  readonly otherwise?: string;
}

const descriptions = z.registry<VariableMeta>();

const variable = <T extends z.ZodType>(
  schema: T,
  description: string,
  meta: Omit<VariableMeta, 'description'>,
): T => {
  descriptions.add(schema, { description, ...meta });
  return schema;
};

/** Every variable that Causeway reads. */
export const variables = z.object({
  CAUSEWAY_DATA_DIR: variable(
    z.string().default('.causeway'),
    'Folder for everything that Causeway keeps on disk; made when it is not there',
    { must: 'be a path', example: '/var/lib/causeway' },
  ),
  CAUSEWAY_HOST: variable(
    z
      .string()
      .regex(/^[A-Za-z0-9.:_-]+$/)
      .default('127.0.0.1'),
    'Address that the API listens on',
    { must: 'be an address or the name of a host', example: '0.0.0.0' },
  ),
  CAUSEWAY_PORT: variable(
    wholeNumber(0, 65_535).prefault('7070'),
    'Port that the API listens on; 0 takes any free one',
    { must: 'be a whole number from 0 to 65535', example: '7070' },
  ),
  CAUSEWAY_PUBLIC_URL: variable(
    webAddress.transform((url) => url.replace(/\/$/, '')).optional(),
    'Where customers reach this server: in setup links, and as the issuer of tokens',
    {
      must: 'start with "http://" or "https://"',
      example: 'https://causeway.example.com',
      otherwise: 'CAUSEWAY_HOST and CAUSEWAY_PORT',
    },
  ),
  CAUSEWAY_ISSUER_URL: variable(
    webAddress.transform((url) => url.replace(/\/$/, '')).optional(),
    'Where AWS finds the public keys of tokens, when that is another place than CAUSEWAY_PUBLIC_URL. Customers trust this address: it must not change',
    {
      must: 'start with "http://" or "https://"',
      example: 'https://tokens.example.com',
      otherwise: 'CAUSEWAY_PUBLIC_URL',
    },
  ),
  CAUSEWAY_WEB_IDENTITY_TOKEN_FILE: variable(
    z.string().optional(),
    'File that holds a token of another issuer, such as that of a Kubernetes cluster, for connections that name it; read anew for every use',
    {
      must: 'be a path',
      example: '/var/run/secrets/tokens/causeway',
      otherwise: "none but tokens of Causeway's own",
    },
  ),
  CAUSEWAY_WEB_IDENTITY_PROBE_TOKEN_FILES: variable(
    z.string().optional(),
    `Files with tokens of that other issuer which roles must refuse: one of another subject for the same audience, and one of the same subject for another audience. Checks show them to prove it. Separated by "${delimiter}"`,
    {
      must: 'be a list of paths',
      example: '/var/run/secrets/tokens/other-subject',
      otherwise: 'none: see CAUSEWAY_WEB_IDENTITY_UNPROVED_SUBJECT',
    },
  ),
  CAUSEWAY_WEB_IDENTITY_UNPROVED_SUBJECT: variable(
    z.enum(['refuse', 'accept']).default('refuse'),
    'What becomes of a role for tokens of another issuer while no probe token shows that it refuses other subjects: by default it is not used. "accept" says that the operator has compared the trust policies, and leaves a warning',
    { must: 'be "refuse" or "accept"', example: 'accept' },
  ),
  DATABASE_URL: variable(
    z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    'PostgreSQL 15 or later. Needed when several processes work together',
    {
      must: 'be the address of a PostgreSQL database',
      example: 'postgresql://causeway:secret@db.internal:5432/causeway',
      secret: true,
      otherwise: 'an embedded PostgreSQL in the data folder',
    },
  ),
  CAUSEWAY_AWS_ENDPOINT: variable(
    webAddress.optional(),
    'Points every AWS client elsewhere: at the sandbox, or at an S3-compatible store',
    {
      must: 'start with "http://" or "https://"',
      example: 'http://127.0.0.1:4566',
      otherwise: 'AWS itself',
    },
  ),
  CAUSEWAY_AWS_REGION: variable(
    z
      .string()
      .regex(/^[a-z0-9-]{3,40}$/)
      .optional(),
    'Region of the operator: where its roles are assumed from',
    { must: 'be the name of a region', example: 'eu-west-1', otherwise: 'AWS_REGION' },
  ),
  AWS_REGION: variable(
    z
      .string()
      .regex(/^[a-z0-9-]{3,40}$/)
      .default('us-east-1'),
    'As everywhere with AWS; CAUSEWAY_AWS_REGION wins',
    { must: 'be the name of a region', example: 'eu-west-1' },
  ),
  CAUSEWAY_OPERATOR_PRINCIPAL_ARN: variable(
    principalArn.optional(),
    "Role or user that customers' trust policies name, when it is not that of the credentials",
    {
      must: 'be the ARN of an IAM role or user',
      example: 'arn:aws:iam::111111111111:role/causeway',
      otherwise: 'the identity of the credentials',
    },
  ),
  CAUSEWAY_OPERATOR_OTHER_PRINCIPAL_ARN: variable(
    principalArn.optional(),
    "Role or user that customers' trust policies name as well, while the operator moves to it or has just moved from it",
    {
      must: 'be the ARN of an IAM role or user',
      example: 'arn:aws:iam::111111111111:role/causeway-2',
      otherwise: 'they name one principal',
    },
  ),
  CAUSEWAY_OPERATOR_NAME: variable(
    z.string().trim().min(1).max(100).default('Causeway'),
    'What customers know the operator as: said in messages to their administrators',
    { must: 'be a name of at most 100 characters', example: 'Acme Analytics' },
  ),
  CAUSEWAY_TEMPLATE_BUCKET: variable(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/)
      .optional(),
    'Bucket of the operator for CloudFormation templates, which customers must be able to read',
    {
      must: 'be the name of a bucket without dots',
      example: 'acme-analytics-connect',
      otherwise: 'setup guides have no link that opens CloudFormation',
    },
  ),
  AWS_ACCESS_KEY_ID: variable(
    z
      .string()
      .regex(/^[A-Za-z0-9_]{4,128}$/)
      .optional(),
    "The operator's credentials, as everywhere with AWS",
    {
      must: 'be an access key ID',
      example: 'AKIAIOSFODNN7EXAMPLE',
      otherwise: "the AWS SDK's own chain: profile, container, instance",
    },
  ),
  AWS_SECRET_ACCESS_KEY: variable(z.string().optional(), 'Belongs to AWS_ACCESS_KEY_ID', {
    must: 'be the secret of AWS_ACCESS_KEY_ID',
    example: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    secret: true,
    otherwise: 'none',
  }),
  AWS_SESSION_TOKEN: variable(z.string().optional(), 'Belongs to temporary credentials', {
    must: 'be the session token of AWS_ACCESS_KEY_ID',
    example: 'IQoJb3JpZ2luX2VjEXAMPLE',
    secret: true,
    otherwise: 'none',
  }),
  CAUSEWAY_SOURCE_DIRS: variable(
    z.string().optional(),
    `Folders that file sources may lie in, separated by "${delimiter}"`,
    {
      must: 'be a list of paths',
      example: ['/srv/exports', '/srv/warehouse'].join(delimiter),
      otherwise: '"sources" in the data folder',
    },
  ),
  CAUSEWAY_DOWNLOAD_LIMIT_MB: variable(
    wholeNumber(1, 104_857_600).prefault('10240'),
    'What may be fetched for one source on a web server or in a bucket, in MB; it lies in the data folder while a run reads it',
    { must: 'be a whole number from 1 to 104857600', example: '51200' },
  ),
  CAUSEWAY_MEMORY_LIMIT_MB: variable(
    wholeNumber(64, 1_048_576).prefault('512'),
    'Memory that one query may use, in MB; beyond it, the query spills to disk',
    { must: 'be a whole number from 64 to 1048576', example: '2048' },
  ),
  CAUSEWAY_THREADS: variable(wholeNumber(1, 512).optional(), 'Threads that one query may use', {
    must: 'be a whole number from 1 to 512',
    example: '4',
    otherwise: 'as many as there are processors',
  }),
  CAUSEWAY_CONCURRENT_RUNS: variable(
    wholeNumber(1, 64).prefault('2'),
    'Runs that one worker carries on at the same time; of two or more, those for one customer never take all',
    { must: 'be a whole number from 1 to 64', example: '4' },
  ),
  CAUSEWAY_UPLOAD_MEMORY_MB: variable(
    wholeNumber(32, 1_048_576).prefault('256'),
    'Memory that the uploads of one worker may use together, in MB; beyond it, parts wait on disk',
    { must: 'be a whole number from 32 to 1048576', example: '1024' },
  ),
  CAUSEWAY_SMALL_FILE_KB: variable(
    wholeNumber(0, mostSmallFileKb).prefault(String(mostSmallFileKb)),
    'Files of a delivery up to this size, in KB, are written by one request in place of three; until then their bytes are kept in the database. 0: no bytes of files are ever kept there',
    {
      must: `be a whole number from 0 to ${mostSmallFileKb}`,
      example: '16',
    },
  ),
  CAUSEWAY_SLOW_BUCKET_SECONDS: variable(
    wholeNumber(1, 3600).prefault('20'),
    "How long one customer's bucket may hold up the others of a run; then it is served after them",
    { must: 'be a whole number from 1 to 3600', example: '60' },
  ),
  CAUSEWAY_FORGOTTEN_KEYS_DAYS: variable(
    wholeNumber(0, 36_500).prefault('30'),
    'How many days keys that customers are to forget are kept; longer while somebody has yet to be told of them',
    { must: 'be a whole number from 0 to 36500', example: '7' },
  ),
  CAUSEWAY_CHECK_BEFORE_RUN_MINUTES: variable(
    wholeNumber(1, 1440).prefault('15'),
    'How old the last check of a connection may be when a run uses it; an older one is made again',
    { must: 'be a whole number from 1 to 1440', example: '60' },
  ),
  CAUSEWAY_SIGNING_KEY_FILE: variable(
    z.string().optional(),
    'Ed25519 keys in PEM: the last private one signs manifests, and the public parts of all are published; give the same to all processes',
    {
      must: 'be a path',
      example: '/run/secrets/manifest-signing.pem',
      otherwise: 'made in the data folder',
    },
  ),
  CAUSEWAY_ALLOWED_ENDPOINTS: variable(
    z.string().transform(entriesOf).refine(isListOfEndpoints).optional(),
    'S3-compatible stores that connections may name, by host and port, separated by commas; "*." stands before a domain. A store at a private address must be listed by its very host; one without TLS as "http://", and only on this machine',
    {
      must: 'be a list of hosts, without TLS only of this machine',
      example: 's3.example.com:9000,*.r2.cloudflarestorage.com',
      otherwise: 'none: AWS alone',
    },
  ),
  CAUSEWAY_PRIVATE_WEBHOOK_HOSTS: variable(
    z.string().transform(entriesOf).refine(isListOfEndpoints).optional(),
    'Hosts in networks of your own that webhooks may be sent to, by host and port, separated by commas; one without TLS as "http://", and only on this machine',
    {
      must: 'be a list of hosts, without TLS only of this machine',
      example: 'hooks.internal.example.com:8443',
      otherwise: 'none: webhooks go to the internet alone',
    },
  ),
  CAUSEWAY_BROWSER_ORIGINS: variable(
    z.string().transform(entriesOf).refine(areExactOrigins).optional(),
    'Pages that read and write buckets from browsers (connections that "browse"), by scheme, host and port as browsers send them, separated by commas: what the CORS rules of guides and managed buckets let in',
    {
      must: 'be a list of exact origins of https (http only for localhost), without wildcards and paths',
      example: 'https://app.example.com,http://localhost:3000',
      otherwise: 'none',
    },
  ),
  CAUSEWAY_SECRETS_KEY_FILE: variable(
    z.string().optional(),
    'Keys that encrypt the secrets in the database, one a line as `id:base64` of 32 bytes, the newest last; give the same to all processes',
    {
      must: 'be a path',
      example: '/run/secrets/causeway-secrets.keys',
      otherwise: 'made in the data folder, unless CAUSEWAY_SECRETS_KMS_KEY is set',
    },
  ),
  CAUSEWAY_SECRETS_KMS_KEY: variable(
    z
      .string()
      .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/)
      .optional(),
    'Key of AWS KMS that encrypts new secrets; keys of CAUSEWAY_SECRETS_KEY_FILE go on opening old ones',
    {
      must: 'be the ARN of a KMS key',
      example: 'arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      otherwise: 'the key file',
    },
  ),
});
export type Variables = z.output<typeof variables>;

export type VariableName = keyof typeof variables.shape;

/** A variable as the documentation and the complaints about it need it. */
export interface VariableDescription extends VariableMeta {
  readonly name: VariableName;
  /** As it would be written in the environment. */
  readonly preset?: string;
}

/** Every variable, in the order of the documentation. */
export function describeVariables(): VariableDescription[] {
  return Object.entries(variables.shape).map(([name, schema]) => {
    const description = descriptions.get(schema);
    if (!description) throw new Error(`Cannot describe "${name}": nothing is said of it`);
    const preset = z.string().safeParse(presetOf(schema)).data;
    return { name: name as VariableName, ...description, ...(preset !== undefined && { preset }) };
  });
}

function presetOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return schema.def.defaultValue;
  }
  return undefined;
}
