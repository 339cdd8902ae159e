import type {
  AclGrant,
  AclPermission,
  PolicySet,
  PublicAccessBlock,
  S3Settings,
} from '../model.ts';
import type { Facts } from './facts.ts';
import { isPublicPolicy } from './is-public-policy.ts';

/** The settings of a public access block that can refuse a request. */
export type RefusingSetting = 'blockPublicAcls' | 'restrictPublicBuckets';

/** What S3 itself says to a request, beside the policies. */
export interface S3Access {
  /** The account that must consent: the object's, where it is not the bucket's. */
  readonly owner: string;
  /** Whether a bucket policy may only deny, because the object belongs to another account. */
  readonly ownerIsOther: boolean;
  /** Whether access control lists count at all. */
  readonly hasAcl: boolean;
  /** The grants that cover the caller and the action. */
  readonly grants: readonly AclGrant[];
  /** The setting of the public access block that refuses the request. */
  readonly refusedBy: RefusingSetting | null;
}

/** Without settings the resource's account decides, by policy alone. */
export function readS3Access(facts: Facts, policies: PolicySet): S3Access {
  const { resourceAccount } = facts.request;
  const { action } = facts;
  const { s3 } = policies;
  if (!s3 || !action.startsWith('s3:')) return withoutAcl(resourceAccount, null);
  const refusedBy = refusingSetting(facts, policies, s3.publicAccessBlock ?? {});
  if ((s3.ownership ?? 'BucketOwnerEnforced') === 'BucketOwnerEnforced') {
    return withoutAcl(resourceAccount, refusedBy);
  }
  const owner = objectActions.has(action) ? (s3.objectOwner ?? resourceAccount) : resourceAccount;
  const grants = (s3.acl ?? []).filter((grant) => isGranted(grant, facts, s3));
  const ownerIsOther = owner !== resourceAccount;
  return { owner, ownerIsOther, hasAcl: s3.acl !== undefined || ownerIsOther, grants, refusedBy };
}

function withoutAcl(owner: string, refusedBy: RefusingSetting | null): S3Access {
  return { owner, ownerIsOther: false, hasAcl: false, grants: none, refusedBy };
}

const none: readonly AclGrant[] = [];

/**
 * What each permission of an access control list stands for.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
 */
const bucketGrants: Readonly<Record<Exclude<AclPermission, 'FULL_CONTROL'>, readonly string[]>> = {
  READ: ['s3:listbucket', 's3:listbucketversions', 's3:listbucketmultipartuploads'],
  WRITE: ['s3:putobject'],
  READ_ACP: ['s3:getbucketacl'],
  WRITE_ACP: ['s3:putbucketacl'],
};
const objectGrants: typeof bucketGrants = {
  READ: ['s3:getobject', 's3:getobjectversion'],
  WRITE: [],
  READ_ACP: ['s3:getobjectacl', 's3:getobjectversionacl'],
  WRITE_ACP: ['s3:putobjectacl', 's3:putobjectversionacl'],
};

/**
 * Actions about an object that exists, which its owner decides. Writing, deleting and
 * restoring are not among them: the owner of a bucket may do these to every object in it.
 */
const objectActions: ReadonlySet<string> = new Set([
  ...Object.values(objectGrants).flat(),
  's3:getobjectattributes',
  's3:getobjectversionattributes',
  's3:getobjecttagging',
  's3:getobjectversiontagging',
  's3:putobjecttagging',
  's3:putobjectversiontagging',
  's3:deleteobjecttagging',
  's3:deleteobjectversiontagging',
  's3:getobjecttorrent',
  's3:getobjectversiontorrent',
]);

function isGranted(grant: AclGrant, facts: Facts, settings: S3Settings): boolean {
  const { caller, action } = facts;
  const { grantee } = grant;
  if ('group' in grantee) {
    if (settings.publicAccessBlock?.ignorePublicAcls) return false;
    if (grantee.group === 'AuthenticatedUsers' && caller.account === null) return false;
  } else if ('account' in grantee) {
    if (caller.account !== grantee.account) return false;
  } else if (caller.canonicalUserId !== grantee.canonicalUser) return false;
  const table = objectActions.has(action) ? objectGrants : bucketGrants;
  const permissions = Object.entries(table).filter(
    ([permission]) => grant.permission === 'FULL_CONTROL' || grant.permission === permission,
  );
  return permissions.some(([, actions]) => actions.includes(action));
}

function refusingSetting(
  facts: Facts,
  policies: PolicySet,
  block: PublicAccessBlock,
): RefusingSetting | null {
  const { caller, request, action } = facts;
  if (block.blockPublicAcls && takesAcl.has(action) && asksForPublicAcl(facts)) {
    return 'blockPublicAcls';
  }
  if (!block.restrictPublicBuckets || !policies.resourcePolicy) return null;
  const isService = caller.kind === 'named' && caller.arn.endsWith('.amazonaws.com');
  if (isService || caller.account === request.resourceAccount) return null;
  return isPublicPolicy(policies.resourcePolicy) ? 'restrictPublicBuckets' : null;
}

const takesAcl: ReadonlySet<string> = new Set([
  's3:putobject',
  's3:putobjectacl',
  's3:putobjectversionacl',
  's3:putbucketacl',
  's3:createbucket',
]);

/** Whether the ACL headers, as the condition keys show them, open to everyone or to every account. */
function asksForPublicAcl({ context }: Facts): boolean {
  const values = (key: string) => [context.get(key) ?? []].flat();
  return (
    values('s3:x-amz-acl').some((acl) => /^(public-|authenticated-read$)/.test(acl)) ||
    ['read', 'write', 'read-acp', 'write-acp', 'full-control']
      .flatMap((right) => values(`s3:x-amz-grant-${right}`))
      .some((grantees) => /groups\/global\/(AllUsers|AuthenticatedUsers)/.test(grantees))
  );
}
