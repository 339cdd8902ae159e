import { checkLabel, checkPrefix } from './check-input.ts';
import { PolicyInputError } from './policy-input-error.ts';

/** As `aws s3api put-bucket-cors` takes it. */
export interface CorsConfiguration {
  readonly CORSRules: readonly CorsRule[];
}

export interface CorsRule {
  readonly ID?: string;
  readonly AllowedOrigins: readonly string[];
  readonly AllowedMethods: readonly string[];
  readonly AllowedHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly MaxAgeSeconds?: number;
}

/**
 * The CORS rule that lets pages of these origins read and write with presigned URLs,
 * which is what `browse` needs and nothing else does.
 *
 * @throws PolicyInputError if an origin is not exact, or not of https (`localhost` excepted).
 */
export function corsConfiguration({ origins }: { origins: readonly string[] }): CorsConfiguration {
  if (origins.length === 0) {
    throw new PolicyInputError(
      'origins',
      'names none',
      'Give one such as "https://app.example.com"',
    );
  }
  for (const origin of origins) checkOrigin(origin);
  return {
    CORSRules: [
      {
        ID: 'CausewayBrowse',
        AllowedOrigins: [...new Set(origins)],
        AllowedMethods: ['GET', 'HEAD', 'PUT'],
        AllowedHeaders: ['content-type', 'content-md5', 'if-none-match', 'range', 'x-amz-*'],
        ExposeHeaders: [
          'ETag',
          'x-amz-checksum-crc32',
          'x-amz-checksum-sha256',
          'x-amz-version-id',
        ],
        MaxAgeSeconds: 600,
      },
    ],
  };
}

const secureOrigin =
  /^https:\/\/(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:(?!:443$):([1-9]\d{0,4}))?$/;
const localOrigin = /^http:\/\/(?:localhost|127\.0\.0\.1)(?:(?!:80$):([1-9]\d{0,4}))?$/;

/**
 * What a browser sends as `Origin`, never with the usual port: S3 compares it letter by
 * letter, and a star opens it to every site.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html#cors-allowed-origin
 */
function checkOrigin(origin: string): void {
  const match = secureOrigin.exec(origin) ?? localOrigin.exec(origin);
  if (match && Number(match[1] ?? 0) <= 65_535) return;
  throw new PolicyInputError(
    'origins',
    `has "${origin}", which is not one exact origin of https`,
    'Give scheme, host and port in lower case without a path, such as "https://app.example.com"',
  );
}

/** As `aws s3api put-bucket-lifecycle-configuration` takes it. */
export interface LifecycleConfiguration {
  readonly Rules: readonly LifecycleRule[];
}

export interface LifecycleRule {
  readonly ID?: string;
  readonly Status: 'Enabled' | 'Disabled';
  readonly Filter: { readonly Prefix: string };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
}

export interface LifecycleInput {
  readonly prefix: string;
  /** 7 if not given: longer than any run is repeated. */
  readonly abortAfterDays?: number;
  /** Letters and digits at the end of the rule's ID, as in `customerBucketPolicy`. */
  readonly label?: string;
}

/**
 * The rule that clears away uploads that nobody finished, whose parts are stored and
 * paid for though no list shows them. Causeway aborts its own; this is for the day
 * it cannot.
 *
 * @throws PolicyInputError
 */
export function lifecycleConfiguration(input: LifecycleInput): LifecycleConfiguration {
  const { abortAfterDays = 7 } = input;
  const prefix = checkPrefix('prefix', input.prefix);
  if (!Number.isInteger(abortAfterDays) || abortAfterDays < 1) {
    throw new PolicyInputError(
      'abortAfterDays',
      `is ${abortAfterDays}`,
      'Give whole days, at least 1',
    );
  }
  return {
    Rules: [
      {
        ID: `CausewayAbortUploads${checkLabel(input.label ?? '')}`,
        Status: 'Enabled',
        Filter: { Prefix: prefix },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortAfterDays },
      },
    ],
  };
}
