import type { PrincipalIds } from './records.ts';

/** A symmetric encryption key of KMS. */
export interface KmsKeyRecord {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAt: string;
  readonly description: string;
  readonly policy: string;
  readonly policyPrincipalIds?: PrincipalIds;
  readonly state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** From when on a key that is pending deletion does not exist any more. */
  readonly deletionAt: string | null;
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly rotation: { readonly since: string; readonly periodDays: number } | null;
  readonly tags: Readonly<Record<string, string>>;
  /** 32 bytes, in Base64. */
  readonly material: string;
}

export interface KmsAliasRecord {
  readonly accountId: string;
  readonly region: string;
  /** With `alias/`. */
  readonly name: string;
  readonly keyId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}
