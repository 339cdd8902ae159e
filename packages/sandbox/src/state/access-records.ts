/** Who may see what in S3, as far as no policy says it. Kept in the records of buckets and objects. */

export const objectOwnerships = [
  'BucketOwnerEnforced',
  'BucketOwnerPreferred',
  'ObjectWriter',
] as const;
export type ObjectOwnership = (typeof objectOwnerships)[number];

export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

export const aclPermissions = ['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'] as const;
export type AclPermission = (typeof aclPermissions)[number];

export interface AclGrant {
  readonly grantee:
    | { readonly account: string }
    | { readonly group: 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery' };
  readonly permission: AclPermission;
}

/** Settings of one bucket; null where the setting was deleted. */
export interface BucketAccess {
  readonly ownership: ObjectOwnership | null;
  readonly publicAccessBlock: PublicAccessBlock | null;
  /** Null: full control for the owner alone. */
  readonly grants: readonly AclGrant[] | null;
}

/** Who owns an object and what its ACL says. */
export interface ObjectAccess {
  /** An account, or `anonymous`. */
  readonly owner: string;
  readonly grants: readonly AclGrant[];
}

export interface CorsRule {
  readonly id: string | null;
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number | null;
}

/** Settings of one account that hold for all its buckets. */
export interface AccountSettingsRecord {
  readonly publicAccessBlock: PublicAccessBlock | null;
}
