import {
  type Authenticated,
  AuthFailure,
  authenticateForm,
  unsigned,
} from '../../access/authenticate.ts';
import { AwsError } from '../../http/aws-error.ts';
import type { Incoming } from '../../http/incoming.ts';
import { receivedPieces } from '../../http/read-body.ts';
import type { Reply } from '../../http/reply.ts';
import { fromTimestamp } from '../../sigv4/claim.ts';
import { putObject } from '../put-object.ts';
import { s3AuthError } from '../s3-auth-error.ts';
import { s3Authorization } from '../s3-authorization.ts';
import { invalidArgument } from '../s3-error.ts';
import { bucketOf, type S3Operation, type S3Request } from '../s3-operation.ts';
import { checkKey } from '../s3-target.ts';
import { missingField, readFormClaim } from './form-claim.ts';
import { formHeaders } from './form-headers.ts';
import { type Form, malformedForm, readForm } from './form-reader.ts';
import { checkPostPolicy, type SizeRange } from './post-policy.ts';
import { postReply } from './post-reply.ts';

/** A signature in a form is good for as long as a signing key is. */
const maxAgeMilliseconds = 7 * 24 * 60 * 60 * 1000;

/**
 * An upload from an HTML form, which a page lets its visitors send to S3 directly.
 * https://docs.aws.amazon.com/AmazonS3/latest/developerguide/RESTObjectPOST.html
 *
 * The form's fields stand for the headers of an upload, and are verified before
 * any byte of the file is read; from then on it is a PutObject.
 */
export const postObject: S3Operation = {
  name: 'PostObject',
  body: 'object',
  needsBucket: true,
  isOpen: true,
  demands: () => [],
  run: async (request) => {
    const { incoming } = request.call;
    const boundary = boundaryOf(incoming);
    const pieces = receivedPieces(incoming);
    try {
      return await receive(request, await readForm(pieces, boundary));
    } finally {
      // A form that is refused is not read to its end, but let go of.
      await pieces.return(undefined);
    }
  },
};

async function receive(request: S3Request, form: Form): Promise<Reply> {
  const fields = fieldsOf(form);
  const authenticated = identify(request, fields);
  const size = checkPolicy(request, form, fields, authenticated);
  const key = fields.get('key');
  if (key === undefined) throw missingField('key');
  const upload = uploadRequest(request, { key, fields, form, size, authenticated });
  for (const demand of putObject.demands(upload)) upload.authorize(demand);
  return postReply(upload, fields, await putObject.run(upload));
}

interface FormUpload {
  readonly key: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly form: Form;
  readonly size: SizeRange | null;
  readonly authenticated: Authenticated;
}

/** The request as if its sender had put the object. */
function uploadRequest(
  request: S3Request,
  { key, fields, form, size, authenticated }: FormUpload,
): S3Request {
  const { world } = request;
  const bucket = bucketOf(request);
  const incoming = {
    ...request.call.incoming,
    headers: formHeaders(request.call.incoming, fields),
  };
  const call = { ...request.call, incoming };
  return {
    ...request,
    call,
    target: { ...request.target, key: readKey(key) },
    authenticated,
    payload: { kind: 'form', content: sized(form.content, size) },
    ...s3Authorization(call, world, 'PostObject', authenticated, bucket),
  };
}

function readKey(key: string): string {
  const checked = checkKey(key);
  if (checked !== null) return checked;
  throw invalidArgument('key', '', 'User key must have a length greater than 0.');
}

function boundaryOf({ headers }: Incoming): string {
  const type = headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new AwsError(
      412,
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      {
        fields: {
          Condition: 'Bucket POST must be of the enclosure-type multipart/form-data',
        },
      },
    );
  }
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,70})"|([^";\s]{1,70}))/i.exec(type) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw malformedForm();
  return boundary;
}

/**
 * The fields by names in lower case, the name of the file put in where they ask for
 * it: of a path only what follows the last slash, whichever way it leans.
 */
function fieldsOf({ fields, fileName }: Form): Map<string, string> {
  const named = fileName?.split(/[/\\]/).at(-1);
  const filled = new Map<string, string>();
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    const full = named === undefined ? value : value.replace(/\$\{filename\}/g, () => named);
    const before = filled.get(lower);
    filled.set(lower, before === undefined ? full : `${before},${full}`);
  }
  return filled;
}

function identify(request: S3Request, fields: ReadonlyMap<string, string>): Authenticated {
  const claim = readFormClaim(fields, bucketOf(request));
  if (!claim) return unsigned;
  try {
    const authenticated = authenticateForm(claim, fields.get('policy') ?? '', request.world);
    request.call.record.principal = authenticated.caller.arn;
    return authenticated;
  } catch (error) {
    throw error instanceof AuthFailure ? s3AuthError(error.detail) : error;
  }
}

/** A policy that nobody has signed says nothing: then the form counts as sent by nobody in particular. */
function checkPolicy(
  request: S3Request,
  form: Form,
  fields: ReadonlyMap<string, string>,
  { claim }: Authenticated,
): SizeRange | null {
  if (!claim) return null;
  const signedAt = fromTimestamp(claim.timestamp);
  const age = request.world.clock.elapsedSince(signedAt);
  return checkPostPolicy(fields.get('policy') ?? '', {
    bucket: bucketOf(request).name,
    fields,
    names: [...form.fields.keys()],
    // What was signed after the clock was moved is not older for it, as with presigned URLs.
    isAlive: (expiration) =>
      age <= maxAgeMilliseconds && age < expiration.getTime() - signedAt.getTime(),
  });
}

/** @throws AwsError at the end of a file whose size the policy does not allow. */
async function* sized(
  content: AsyncGenerator<Buffer>,
  range: SizeRange | null,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    // What is too much is counted, for the refusal tells the size, and not kept.
    if (range === null || bytes <= range.max) yield piece;
  }
  if (range && bytes > range.max) {
    throw new AwsError(
      400,
      'EntityTooLarge',
      'Your proposed upload exceeds the maximum allowed size',
      { fields: { ProposedSize: String(bytes), MaxSizeAllowed: String(range.max) } },
    );
  }
  if (range && bytes < range.min) {
    throw new AwsError(
      400,
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      { fields: { ProposedSize: String(bytes), MinSizeAllowed: String(range.min) } },
    );
  }
}
