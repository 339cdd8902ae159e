import { canonicalUserId } from '../../access/canonical-user-id.ts';
import type { SandboxAccount } from '../../accounts.ts';
import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../../http/read-xml.ts';
import type { Reply } from '../../http/reply.ts';
import { element, text } from '../../http/xml.ts';
import { type AclGrant, aclPermissions } from '../../state/access-records.ts';
import { accessDenied } from '../s3-error.ts';
import { ownerElement, xmlReply } from '../s3-xml.ts';
import { granteeOfId, granteeOfUri, groupUri, refuseEmail } from './grantee.ts';

const maxGrants = 100;

/** Writes an access control list the way S3 answers with it. */
export function aclReply(owner: string, grants: readonly AclGrant[]): Reply {
  return xmlReply('AccessControlPolicy', [
    ownerElement(owner),
    element('AccessControlList', grants.map(grantElement)),
  ]);
}

function grantElement({ grantee, permission }: AclGrant): string {
  const [type, child] =
    'account' in grantee
      ? ['CanonicalUser', text('ID', canonicalUserId(grantee.account))]
      : ['Group', text('URI', groupUri(grantee.group))];
  const schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  return element('Grant', [
    `<Grantee ${schema} xsi:type="${type}">${child}</Grantee>`,
    text('Permission', permission),
  ]);
}

/**
 * Reads an access control list from a request's body.
 *
 * @param owner the account that owns the subject, which the document must name.
 * @throws AwsError for what S3 refuses.
 */
export function readAclDocument(
  document: string,
  owner: string,
  accounts: readonly SandboxAccount[],
): AclGrant[] {
  const tree = readXml(document, 'AccessControlPolicy');
  const [ownerTree] = tree ? treesOf(tree, 'Owner') : [];
  const [list] = tree ? (tree['AccessControlList'] ?? []) : [];
  const ownerId = ownerTree && textOf(ownerTree, 'ID')?.trim();
  if (!ownerId || list === undefined) throw malformedAcl();
  const named = granteeOfId(ownerId, accounts, 'CanonicalUser/ID');
  // Nobody gives an object or bucket away by its list.
  if (!('account' in named) || named.account !== owner) throw accessDenied();
  const grants = typeof list === 'string' ? [] : treesOf(list, 'Grant');
  if (grants.length > maxGrants) throw malformedAcl();
  return grants.map((grant) => readGrant(grant, accounts));
}

function readGrant(tree: XmlTree, accounts: readonly SandboxAccount[]): AclGrant {
  const [grantee] = treesOf(tree, 'Grantee');
  const asked = textOf(tree, 'Permission')?.trim();
  const permission = aclPermissions.find((known) => known === asked);
  if (!grantee || permission === undefined) throw malformedAcl();
  return { grantee: readGrantee(grantee, accounts), permission };
}

/** The kind of grantee shows in its children: of the attribute that names it, nothing depends. */
function readGrantee(tree: XmlTree, accounts: readonly SandboxAccount[]): AclGrant['grantee'] {
  const id = textOf(tree, 'ID')?.trim();
  const uri = textOf(tree, 'URI')?.trim();
  if (id) return granteeOfId(id, accounts, 'CanonicalUser/ID');
  if (uri) return granteeOfUri(uri, 'Group/URI');
  if (textOf(tree, 'EmailAddress') !== undefined) refuseEmail();
  throw malformedAcl();
}

function malformedAcl(): AwsError {
  return new AwsError(
    400,
    'MalformedACLError',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}
