import type { Credentials } from './clients.ts';
import { hmac } from './raw-request.ts';

export type FormFields = Record<string, string>;

export interface FormOptions {
  readonly bucket: string;
  readonly credentials: Credentials;
  /** Absent: every field is exactly as it is given. */
  readonly conditions?: readonly unknown[];
  readonly expiration?: string;
  readonly region?: string;
  readonly at?: Date;
  /** In place of the policy that the other options make. */
  readonly policy?: unknown;
}

/**
 * The fields of a form that S3 takes, signed by the documented algorithm.
 * https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-authentication-HTTPPOST.html
 */
export function signForm(fields: FormFields, options: FormOptions): FormFields {
  const { region = 'us-east-1', at = new Date(), credentials } = options;
  const date = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [date.slice(0, 8), region, 's3', 'aws4_request'];
  const signing: FormFields = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [credentials.accessKeyId, ...scope].join('/'),
    'x-amz-date': date,
    ...(credentials.sessionToken && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const document = options.policy ?? {
    expiration: options.expiration ?? new Date(at.getTime() + 60_000).toISOString(),
    conditions: [
      { bucket: options.bucket },
      ...(options.conditions ?? exactly(fields)),
      ...exactly(signing),
    ],
  };
  const json = typeof document === 'string' ? document : JSON.stringify(document);
  const policy = Buffer.from(json).toString('base64');
  const [day = '', ...rest] = scope;
  const key = rest.reduce(
    (signed: Buffer, part) => hmac(signed, part),
    hmac(`AWS4${credentials.secretAccessKey}`, day),
  );
  const signature = hmac(key, policy).toString('hex');
  return { ...fields, ...signing, policy, 'x-amz-signature': signature };
}

function exactly(fields: FormFields): FormFields[] {
  return Object.entries(fields).map(([name, value]) => ({ [name]: value }));
}
