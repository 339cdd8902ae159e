import type { BucketRecord, ObjectRecord } from '../../state/records.ts';
import type { S3Request } from '../s3-operation.ts';

/** Something that happened to an object, by the names that S3's event notifications give it. */
export interface ObjectEvent {
  readonly name: ObjectEventName;
  readonly bucket: BucketRecord;
  readonly key: string;
  /** The version that came or went; `null` where versioning is not enabled. */
  readonly versionId: string;
  /** The object that came, went or changed; null for a delete marker. */
  readonly object: ObjectRecord | null;
  readonly at: Date;
  /** The request that did it; null when a lifecycle rule did. */
  readonly request: S3Request | null;
}

export type ObjectEventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete'
  | 'LifecycleExpiration:Delete'
  | 'LifecycleExpiration:DeleteMarkerCreated'
  | 'LifecycleTransition';
