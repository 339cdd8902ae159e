import { AwsError } from '../http/aws-error.ts';
import type { Incoming } from '../http/incoming.ts';
import type { ObjectHeaders } from '../state/records.ts';
import { notImplemented } from './s3-error.ts';

const systemHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;

const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];

/** Functions of S3 that would change what an object is, and that the sandbox does not have. */
const unknownHeaders = ['x-amz-website-redirect-location', 'x-amz-write-offset-bytes'];

const maxUserMetadataBytes = 2048;
const metadataPrefix = 'x-amz-meta-';

/**
 * Reads what an upload says about its object.
 *
 * @throws AwsError for what S3 refuses, and `NotImplemented` for what only the sandbox lacks.
 */
export function readObjectHeaders(incoming: Incoming): ObjectHeaders {
  const { headers } = incoming;
  for (const name of unknownHeaders) if (headers.has(name)) throw notImplemented(name);
  const storageClass = headers.get('x-amz-storage-class') ?? 'STANDARD';
  if (!storageClasses.includes(storageClass)) {
    throw new AwsError(400, 'InvalidStorageClass', 'The storage class you specified is not valid', {
      fields: { StorageClassRequested: storageClass },
    });
  }
  return { system: readSystem(headers), user: readUser(headers), storageClass };
}

/** What answers about an object say of it. */
export function writeObjectHeaders({
  system,
  user,
  storageClass,
}: ObjectHeaders): Record<string, string> {
  const written: Record<string, string> = { 'content-type': 'binary/octet-stream', ...system };
  for (const [name, value] of Object.entries(user)) written[`${metadataPrefix}${name}`] = value;
  if (storageClass !== 'STANDARD') written['x-amz-storage-class'] = storageClass;
  return written;
}

function readSystem(headers: ReadonlyMap<string, string>): Record<string, string> {
  const system: Record<string, string> = {};
  for (const name of systemHeaders) {
    const value = headers.get(name);
    if (value !== undefined && value !== '') system[name] = value;
  }
  // The coding of the upload is no property of the object.
  const coding = (system['content-encoding'] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== 'aws-chunked')
    .join(',');
  if (coding === '') delete system['content-encoding'];
  else system['content-encoding'] = coding;
  return system;
}

function readUser(headers: ReadonlyMap<string, string>): Record<string, string> {
  const user: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of headers) {
    if (!name.startsWith(metadataPrefix)) continue;
    const short = name.slice(metadataPrefix.length);
    user[short] = value;
    bytes += Buffer.byteLength(short) + Buffer.byteLength(value, 'latin1');
  }
  if (bytes > maxUserMetadataBytes) {
    throw new AwsError(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      { fields: { Size: String(bytes), MaxSizeAllowed: String(maxUserMetadataBytes) } },
    );
  }
  return user;
}
