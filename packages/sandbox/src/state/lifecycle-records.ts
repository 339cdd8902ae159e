/** When something falls due: so many days after it came to be, or on a date. */
export type LifecycleTime =
  | { readonly days: number; readonly date?: never }
  | { readonly days?: never; readonly date: string };

export interface LifecycleFilter {
  /** How it was written: `Prefix` in the rule itself, or a `Filter` with nothing, one thing, or `And` inside. */
  readonly form: 'prefix' | 'empty' | 'one' | 'and';
  readonly prefix?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly sizeGreaterThan?: number;
  readonly sizeLessThan?: number;
}

export interface LifecycleRule {
  readonly id: string;
  readonly isEnabled: boolean;
  readonly filter: LifecycleFilter;
  readonly expiration?: LifecycleTime;
  /** Whether delete markers go that hide nothing any more; absent when the rule says nothing about them. */
  readonly expiredObjectDeleteMarker?: boolean;
  readonly transitions: readonly (LifecycleTime & { readonly storageClass: string })[];
  readonly noncurrentExpiration?: NoncurrentTime;
  readonly noncurrentTransitions: readonly (NoncurrentTime & { readonly storageClass: string })[];
  readonly abortUploadDays?: number;
}

/** Counted from when a version was covered by a newer one. */
export interface NoncurrentTime {
  readonly days: number;
  /** How many noncurrent versions are kept in any case, the newest ones. */
  readonly newerVersions?: number;
}

export interface BucketLifecycle {
  /** When the rules were set: nothing falls due by them before. */
  readonly since: string;
  readonly rules: readonly LifecycleRule[];
  readonly minimumSize: 'all_storage_classes_128K' | 'varies_by_storage_class';
}
