import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { SigningHash } from './signing-hash.ts';

const ofEveryClient = [
  'authSchemePreference',
  'defaultUserAgentProvider',
  'retryMode',
  'useDualstackEndpoint',
  'useFipsEndpoint',
  'userAgentAppId',
] as const;

const ofS3 = [
  ...ofEveryClient,
  'disableS3ExpressSessionAuth',
  'sigv4aSigningRegionSet',
  'useArnRegion',
] as const;

type S3Settings = Pick<S3ClientConfig, (typeof ofS3)[number] | 'sha256'>;
type StsSettings = Pick<STSClientConfig, (typeof ofEveryClient)[number] | 'sha256'>;

let s3: S3Settings | undefined;
let sts: StsSettings | undefined;

/**
 * What the SDK is told by variables and files of AWS, as `AWS_USE_FIPS_ENDPOINT`, and a cheaper
 * hash for signatures. Each of its clients would look it all up again, which takes longer than to
 * send a small file; a run to hundreds of customers makes hundreds of clients, and a check several.
 */
export function s3Settings(): S3Settings {
  s3 ??= settings(new S3Client({ region: 'us-east-1' }).config, ofS3);
  return s3;
}

/** The same for STS. */
export function stsSettings(): StsSettings {
  sts ??= settings(new STSClient({ region: 'us-east-1' }).config, ofEveryClient);
  return sts;
}

/** Each is a function that asks once. */
function settings<C, K extends keyof C>(config: C, names: readonly K[]) {
  const found = Object.fromEntries(names.map((name) => [name, config[name]])) as Pick<C, K>;
  return { ...found, sha256: SigningHash };
}
