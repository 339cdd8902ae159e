import { AwsError } from '../../http/aws-error.ts';
import type { AclGrant } from '../../state/access-records.ts';
import { accessDenied } from '../s3-error.ts';
import type { S3Request } from '../s3-operation.ts';
import { readAclDocument } from './acl-document.ts';
import { hasAclHeaders, readAclHeaders } from './acl-headers.ts';
import { publicAccessBlockOf } from './bucket-access.ts';
import type { AclSubject } from './canned-acl.ts';
import { isPublicAcl } from './grantee.ts';

/**
 * Reads the access control list that a request sets, from its headers or its body.
 *
 * @throws AwsError for what S3 refuses, also when the list is public and such lists are blocked.
 */
export function readAcl(request: S3Request, action: string, subject: AclSubject): AclGrant[] {
  const { call, document, world } = request;
  const { headers } = call.incoming;
  if (!hasAclHeaders(headers) && document.trim() === '') {
    throw new AwsError(400, 'MissingSecurityHeader', 'Your request was missing a required header', {
      fields: { MissingHeaderName: 'x-amz-acl' },
    });
  }
  if (hasAclHeaders(headers) && document.trim() !== '') {
    throw new AwsError(400, 'UnexpectedContent', 'This request does not support content');
  }
  const grants =
    readAclHeaders(headers, subject, world.accounts) ??
    readAclDocument(document, subject.owner, world.accounts);
  checkNotPublic(request, action, grants);
  return grants;
}

/** The evaluator sees the lists in headers; those in bodies are seen only here. */
function checkNotPublic(request: S3Request, action: string, grants: readonly AclGrant[]): void {
  const { bucket, world, authenticated, call } = request;
  if (!bucket || !isPublicAcl(grants)) return;
  if (!publicAccessBlockOf(world.state, bucket).blockPublicAcls) return;
  const { caller } = authenticated;
  throw caller.accountId === bucket.accountId
    ? accessDenied(
        `User: ${caller.arn} is not authorized to perform: ${action} on resource: "${call.record.resource}" because public access control lists (ACLs) are blocked by the BlockPublicAcls block public access setting.`,
      )
    : accessDenied();
}

/** @throws AwsError: where the bucket's owner owns every object, lists have no effect and are not taken. */
export function aclNotSupported(): AwsError {
  return new AwsError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');
}
