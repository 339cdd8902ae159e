import { canonicalUserId } from '../../access/canonical-user-id.ts';
import type { SandboxAccount } from '../../accounts.ts';
import { AwsError } from '../../http/aws-error.ts';
import type { AclGrant } from '../../state/access-records.ts';
import { invalidArgument } from '../s3-error.ts';

const groups = {
  'http://acs.amazonaws.com/groups/global/AllUsers': 'AllUsers',
  'http://acs.amazonaws.com/groups/global/AuthenticatedUsers': 'AuthenticatedUsers',
  'http://acs.amazonaws.com/groups/s3/LogDelivery': 'LogDelivery',
} as const;

/** @throws AwsError `InvalidArgument` when no account of the sandbox has this canonical user id. */
export function granteeOfId(
  id: string,
  accounts: readonly SandboxAccount[],
  argument: string,
): AclGrant['grantee'] {
  const account = accounts.find((known) => canonicalUserId(known.id) === id);
  if (!account) throw invalidArgument(argument, id, 'Invalid id');
  return { account: account.id };
}

/** @throws AwsError `InvalidArgument` for a group that is none of S3's. */
export function granteeOfUri(uri: string, argument: string): AclGrant['grantee'] {
  const group = Object.entries(groups).find(([known]) => known === uri)?.[1];
  if (group === undefined) throw invalidArgument(argument, uri, 'Invalid group uri');
  return { group };
}

/** Accounts of the sandbox have no address, and S3 itself stopped taking them in 2025. */
export function refuseEmail(): never {
  throw new AwsError(
    400,
    'UnresolvableGrantByEmailAddress',
    'The email address you provided does not match any account on record',
  );
}

export function groupUri(name: (typeof groups)[keyof typeof groups]): string {
  return Object.entries(groups).find(([, known]) => known === name)?.[0] ?? '';
}

/** Whether a list opens to everyone, or to everyone with an account of AWS. */
export function isPublicAcl(grants: readonly AclGrant[]): boolean {
  return grants.some(
    ({ grantee }) =>
      'group' in grantee &&
      (grantee.group === 'AllUsers' || grantee.group === 'AuthenticatedUsers'),
  );
}
