/**
 * What the SDK would look up in variables and files of AWS for each new client, which takes longer
 * than the calls of most clients. Whoever speaks to a sandbox knows the answers.
 */
export const clientSettings = {
  authSchemePreference: [],
  requestHandler: {},
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: 'sandbox',
};

/** The same for clients of S3, which look up more. */
export const s3ClientSettings = {
  ...clientSettings,
  disableS3ExpressSessionAuth: true,
  requestChecksumCalculation: 'WHEN_SUPPORTED' as const,
  responseChecksumValidation: 'WHEN_SUPPORTED' as const,
  sigv4aSigningRegionSet: ['us-east-1'],
  useArnRegion: false,
};
