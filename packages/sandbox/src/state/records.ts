import type { BucketAccess, CorsRule, ObjectAccess } from './access-records.ts';
import type { BucketEncryption, ObjectEncryption } from './encryption-records.ts';
import type { BucketLifecycle } from './lifecycle-records.ts';
import type { NotificationRule } from './notification-records.ts';

/** What the sandbox remembers. Times are ISO 8601; policies are the JSON text that was sent. */

export type Tags = Readonly<Record<string, string>>;

/**
 * Whom a policy meant when it was put: by the ARNs it names, the unique ids of those
 * users and roles. One that is made anew under the same name is another.
 */
export type PrincipalIds = Readonly<Record<string, string>>;

export interface UserRecord {
  readonly accountId: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAt: string;
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly attachedPolicies: readonly string[];
  readonly boundary: string | null;
  readonly tags?: Tags;
  /** Names of groups of the same account. */
  readonly groups?: readonly string[];
}

export interface GroupRecord {
  readonly accountId: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAt: string;
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly attachedPolicies: readonly string[];
}

export interface AccessKeyRecord {
  readonly id: string;
  readonly secret: string;
  readonly accountId: string;
  readonly userName: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAt: string;
}

export interface RoleRecord {
  readonly accountId: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdAt: string;
  readonly description: string | null;
  readonly trustPolicy: string;
  readonly trustedIds?: PrincipalIds;
  readonly maxSessionSeconds: number;
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly attachedPolicies: readonly string[];
  readonly boundary: string | null;
  readonly tags?: Tags;
}

/** A customer-managed policy. */
export interface ManagedPolicyRecord {
  readonly accountId: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly description: string | null;
  /** Of the default version. */
  readonly document: string;
  readonly createdAt: string;
  readonly tags?: Tags;
  /** Oldest first; absent while there is only the first. */
  readonly versions?: readonly PolicyVersion[];
  readonly defaultVersion?: string;
  /** The number of the newest that there ever was. */
  readonly lastVersion?: number;
  readonly updatedAt?: string;
}

export interface PolicyVersion {
  /** Such as `v2`; never used again once deleted. */
  readonly id: string;
  readonly document: string;
  readonly createdAt: string;
}

/** An OpenID Connect issuer that an account believes. */
export interface OidcProviderRecord {
  readonly accountId: string;
  /** As the issuer names itself, such as `https://issuer.example/path`. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdAt: string;
  readonly tags?: Tags;
}

/** Temporary credentials, whoever's they are. */
interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly token: string;
  readonly accountId: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** Temporary credentials of an assumed role. */
export interface RoleSessionRecord extends TemporaryCredentials {
  readonly kind?: 'role';
  readonly roleName: string;
  readonly roleId: string;
  readonly name: string;
  readonly sessionPolicies: readonly string[];
  /** Those passed to this session and those it inherited, not the role's own. */
  readonly tags?: Tags;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  /** What a token of an identity provider said, as condition keys. */
  readonly webIdentityKeys?: Readonly<Record<string, string | readonly string[]>>;
}

/** Temporary credentials of a user or root user, by GetSessionToken. */
export interface UserSessionRecord extends TemporaryCredentials {
  readonly kind: 'user';
  /** Null for the root user. */
  readonly user: { readonly name: string; readonly id: string } | null;
}

/** Temporary credentials of a federated user, by GetFederationToken. */
export interface FederatedSessionRecord extends TemporaryCredentials {
  readonly kind: 'federated_user';
  readonly name: string;
  /** Who asked for it and lends its permissions; null for the root user. */
  readonly user: { readonly name: string; readonly id: string } | null;
  readonly sessionPolicies: readonly string[];
  readonly tags: Tags;
}

export type SessionRecord = RoleSessionRecord | UserSessionRecord | FederatedSessionRecord;

export interface BucketRecord {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAt: string;
  readonly policy: string | null;
  /** Absent: as a new bucket has it. */
  readonly access?: BucketAccess;
  readonly cors?: readonly CorsRule[] | null;
  /** Absent while versioning was never enabled. */
  readonly versioning?: 'Enabled' | 'Suspended';
  /** Absent: as a new bucket has it. */
  readonly encryption?: BucketEncryption;
  readonly notifications?: readonly NotificationRule[];
  readonly policyPrincipalIds?: PrincipalIds;
  readonly tags?: Tags;
  /** Absent: objects cannot be locked. */
  readonly objectLock?: BucketObjectLock;
  readonly lifecycle?: BucketLifecycle;
}

export interface BucketObjectLock {
  /** The retention of objects that come without one. */
  readonly rule?: {
    readonly mode: Retention['mode'];
    readonly unit: 'Days' | 'Years';
    readonly count: number;
  };
}

export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly until: string;
}

/** What keeps a version from being deleted. */
export interface ObjectLock {
  readonly retention?: Retention;
  /** Absent when it was never set. */
  readonly legalHold?: 'ON' | 'OFF';
}

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, followed by `-` and the number of parts when composite. */
  readonly value: string;
}

/** A piece of an object: a file among the blobs. */
export interface StoredPart {
  readonly blob: string;
  readonly bytes: number;
}

/** A piece of an object, by itself a part of the upload when the object was uploaded in parts. */
export interface ObjectPart extends StoredPart {
  /** Base64, of the object's algorithm. Absent where parts have none. */
  readonly checksum?: string;
}

/** What the sender said about an object, and the answer says again. */
export interface ObjectHeaders {
  readonly system: Readonly<Record<string, string>>;
  /** Without `x-amz-meta-`. */
  readonly user: Readonly<Record<string, string>>;
  readonly storageClass: string;
}

export interface ObjectRecord {
  readonly etag: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly headers: ObjectHeaders;
  readonly checksum: (StoredChecksum & { readonly type: ChecksumType }) | null;
  readonly parts: readonly ObjectPart[];
  readonly multipart: boolean;
  /** Absent: by S3's own keys. */
  readonly encryption?: ObjectEncryption;
  /** Absent: the bucket's owner owns it and has full control alone. */
  readonly access?: ObjectAccess;
  /** Absent for the version whose id is `null`: stored while the bucket's versioning was not enabled. */
  readonly versionId?: string;
  /** Absent when there are none. */
  readonly tags?: Tags;
  readonly lock?: ObjectLock;
  /** Until when an archived object can be read. */
  readonly restoredUntil?: string;
}

/** Stands in place of an object that was deleted where versions are kept. */
export interface DeleteMarkerRecord {
  readonly isDeleteMarker: true;
  readonly versionId?: string;
  readonly modifiedAt: string;
}

export type VersionRecord = ObjectRecord | DeleteMarkerRecord;

export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

export interface UploadRecord {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: string;
  readonly initiator: { readonly id: string; readonly name: string };
  readonly headers: ObjectHeaders;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | null;
  /** What its object will have. */
  readonly access?: ObjectAccess;
  /** What its creation said to bucket policies: it is said for every part, too. */
  readonly context?: Readonly<Record<string, string>>;
  readonly encryption?: ObjectEncryption;
  readonly tags?: Tags;
  readonly lock?: ObjectLock;
  /** Set by a completion, so that repeating it can be answered alike. */
  readonly completed: CompletedUpload | null;
}

export interface CompletedUpload {
  readonly at: string;
  readonly etag: string;
  readonly checksum: ObjectRecord['checksum'];
  readonly versionId?: string;
}

export interface PartRecord extends StoredPart {
  readonly number: number;
  /** Of bytes that are encrypted by other keys than S3's own: a random value, as on AWS, where it is the ETag. */
  readonly md5: string;
  readonly modifiedAt: string;
  readonly checksum: StoredChecksum | null;
}
