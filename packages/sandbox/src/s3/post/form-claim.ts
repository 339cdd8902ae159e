import { AwsError } from '../../http/aws-error.ts';
import type { Claim } from '../../sigv4/claim.ts';
import type { BucketRecord } from '../../state/records.ts';
import { invalidArgument } from '../s3-error.ts';

/** The fields of a signed form, as S3 names them. */
const signatureFields = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'];

type Fields = ReadonlyMap<string, string>;

/**
 * Reads who a form says has signed it; null when it does not say, and so comes from
 * nobody in particular.
 *
 * @param fields by names in lower case.
 * @throws AwsError when what it says is incomplete or cannot be read.
 */
export function readFormClaim(fields: Fields, bucket: BucketRecord): Claim | null {
  if (fields.has('awsaccesskeyid') || fields.has('signature')) {
    throw new AwsError(
      400,
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
  }
  if (!signatureFields.some((name) => fields.has(name.toLowerCase()))) return null;
  const missing = [...signatureFields, 'Policy'].find((name) => !fields.has(name.toLowerCase()));
  if (missing !== undefined) throw missingField(missing);
  const algorithm = fields.get('x-amz-algorithm') ?? '';
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw invalidArgument(
      'X-Amz-Algorithm',
      algorithm,
      'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"',
    );
  }
  const timestamp = fields.get('x-amz-date') ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(timestamp)) {
    // The misspelling is AWS's own.
    const message = 'X-Amz-Date must be formated via ISO8601 Long format';
    throw invalidArgument('X-Amz-Date', timestamp, message);
  }
  return {
    kind: 'form',
    ...readCredential(fields.get('x-amz-credential') ?? '', bucket),
    signedHeaders: [],
    signature: fields.get('x-amz-signature') ?? '',
    timestamp,
    expiresInSeconds: null,
    sessionToken: fields.get('x-amz-security-token') ?? null,
    payloadHash: null,
  };
}

export function missingField(name: string): AwsError {
  return invalidArgument(
    name,
    '',
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
  );
}

function readCredential(
  credential: string,
  bucket: BucketRecord,
): Pick<Claim, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const refuse = (message: string) => invalidArgument('X-Amz-Credential', credential, message);
  const parts = credential.split('/');
  const [accessKeyId = '', date = '', region = '', service = '', end] = parts;
  if (parts.length !== 5 || end !== 'aws4_request') {
    throw refuse(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  if (accessKeyId === '') {
    throw refuse('a non-empty Access Key (AKID) must be provided in the credential.');
  }
  if (service !== 's3') {
    throw refuse(`incorrect service "${service}". This endpoint belongs to "s3".`);
  }
  if (region !== bucket.region) {
    const { message } = refuse(`the region '${region}' is wrong; expecting '${bucket.region}'`);
    throw new AwsError(400, 'InvalidArgument', message, {
      fields: {
        ArgumentName: 'X-Amz-Credential',
        ArgumentValue: credential,
        Region: bucket.region,
      },
    });
  }
  return { accessKeyId, date, region, service };
}
