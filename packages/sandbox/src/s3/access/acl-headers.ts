import type { SandboxAccount } from '../../accounts.ts';
import { AwsError } from '../../http/aws-error.ts';
import type { AclGrant, AclPermission } from '../../state/access-records.ts';
import { invalidArgument } from '../s3-error.ts';
import { type AclSubject, cannedAcl } from './canned-acl.ts';
import { granteeOfId, granteeOfUri, refuseEmail } from './grantee.ts';

const grantHeaders: Readonly<Record<string, AclPermission>> = {
  'x-amz-grant-full-control': 'FULL_CONTROL',
  'x-amz-grant-read': 'READ',
  'x-amz-grant-write': 'WRITE',
  'x-amz-grant-read-acp': 'READ_ACP',
  'x-amz-grant-write-acp': 'WRITE_ACP',
};

type Headers = ReadonlyMap<string, string>;

/** Whether a request sends an access control list along in its headers. */
export function hasAclHeaders(headers: Headers): boolean {
  return headers.has('x-amz-acl') || hasGrantHeaders(headers);
}

function hasGrantHeaders(headers: Headers): boolean {
  return Object.keys(grantHeaders).some((name) => headers.has(name));
}

/**
 * Reads the access control list in a request's headers; null when there is none.
 *
 * @throws AwsError for what S3 refuses.
 */
export function readAclHeaders(
  headers: Headers,
  subject: AclSubject,
  accounts: readonly SandboxAccount[],
): AclGrant[] | null {
  const canned = headers.get('x-amz-acl');
  if (canned !== undefined && hasGrantHeaders(headers)) {
    throw new AwsError(
      400,
      'InvalidRequest',
      'Specifying both Canned ACLs and Header Grants is not allowed',
    );
  }
  if (canned !== undefined) return cannedAcl(canned, subject);
  if (!hasGrantHeaders(headers)) return null;
  return Object.entries(grantHeaders).flatMap(([name, permission]) => {
    const value = headers.get(name);
    if (value === undefined) return [];
    return value.split(',').map((one) => ({
      grantee: readGrantee(name, value, one, accounts),
      permission,
    }));
  });
}

/** One of `id="..."`, `uri="..."` and `emailAddress="..."`. */
function readGrantee(
  header: string,
  whole: string,
  one: string,
  accounts: readonly SandboxAccount[],
): AclGrant['grantee'] {
  const [, kind = '', quoted, bare] = /^\s*(\w+)\s*=\s*(?:"([^"]*)"|([^"\s]*))\s*$/.exec(one) ?? [];
  const value = quoted ?? bare ?? '';
  switch (kind.toLowerCase()) {
    case 'id':
      return granteeOfId(value, accounts, 'id');
    case 'uri':
      return granteeOfUri(value, 'uri');
    case 'emailaddress':
      return refuseEmail();
  }
  throw invalidArgument(header, whole, 'Argument format not recognized');
}
