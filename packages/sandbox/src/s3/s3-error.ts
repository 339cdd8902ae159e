import { AwsError } from '../http/aws-error.ts';
import type { Reply } from '../http/reply.ts';
import { text, xmlDocument } from '../http/xml.ts';
import type { Call } from '../world.ts';

/** Writes a refusal the way S3 does; to HEAD it may say nothing but the status. */
export function s3ErrorReply(error: AwsError, call: Call): Reply {
  const hasNoBody = call.incoming.method === 'HEAD' || error.status === 304;
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    ...(!hasNoBody && { body: s3ErrorBody(error, call) }),
  };
}

function s3ErrorBody(error: AwsError, call: Call): string {
  return xmlDocument('Error', [
    text('Code', error.code),
    text('Message', error.message),
    ...Object.entries(error.fields).map(([name, value]) => text(name, value)),
    text('RequestId', call.id),
    text('HostId', hostId(call)),
  ]);
}

/** `x-amz-id-2`: on AWS the name of the machine that answered. */
export function hostId(call: Call): string {
  return Buffer.from(`causeway-sandbox/${call.id}`).toString('base64');
}

export function accessDenied(message = 'Access Denied'): AwsError {
  return new AwsError(403, 'AccessDenied', message);
}

export function noSuchBucket(bucket: string): AwsError {
  return new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist', {
    fields: { BucketName: bucket },
  });
}

export function noSuchKey(key: string): AwsError {
  return new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', {
    fields: { Key: key },
  });
}

export function noSuchVersion(key: string, versionId: string): AwsError {
  return new AwsError(404, 'NoSuchVersion', 'The specified version does not exist.', {
    fields: { Key: key, VersionId: versionId },
  });
}

export function noSuchUpload(uploadId: string): AwsError {
  return new AwsError(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { fields: { UploadId: uploadId } },
  );
}

export function invalidArgument(name: string, value: string, message: string): AwsError {
  return new AwsError(400, 'InvalidArgument', message, {
    fields: { ArgumentName: name, ArgumentValue: value },
  });
}

export function malformedXml(): AwsError {
  return new AwsError(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

/** A function of S3 that the sandbox does not have: better said than silently left out. */
export function notImplemented(what: string): AwsError {
  return new AwsError(
    501,
    'NotImplemented',
    `A header or query you provided requested a function that is not implemented: ${what}`,
  );
}
