import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

type Settings = Pick<
  S3ClientConfig,
  | 'authSchemePreference'
  | 'defaultUserAgentProvider'
  | 'disableS3ExpressSessionAuth'
  | 'retryMode'
  | 'sigv4aSigningRegionSet'
  | 'useArnRegion'
  | 'useDualstackEndpoint'
  | 'useFipsEndpoint'
  | 'userAgentAppId'
>;

let settings: Settings | undefined;

/**
 * What the SDK is told by variables and files of AWS, as `AWS_USE_FIPS_ENDPOINT`. Each of its
 * clients would look it all up again, which takes longer than to send a small file, and a run to
 * hundreds of customers makes hundreds of clients.
 */
export function s3Settings(): Settings {
  settings ??= settingsOf(new S3Client({ region: 'us-east-1' }));
  return settings;
}

/** Each is a function that asks once. */
function settingsOf({ config }: S3Client): Settings {
  return {
    authSchemePreference: config.authSchemePreference,
    defaultUserAgentProvider: config.defaultUserAgentProvider,
    disableS3ExpressSessionAuth: config.disableS3ExpressSessionAuth,
    retryMode: config.retryMode,
    sigv4aSigningRegionSet: config.sigv4aSigningRegionSet,
    useArnRegion: config.useArnRegion,
    useDualstackEndpoint: config.useDualstackEndpoint,
    useFipsEndpoint: config.useFipsEndpoint,
    userAgentAppId: config.userAgentAppId,
  };
}
