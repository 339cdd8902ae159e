import { type Context, tagContext } from '../../access/context.ts';
import type { Tags } from '../../state/records.ts';

/** `s3:RequestObjectTag/<key>` and `s3:RequestObjectTagKeys`: the tags that a request is to set. */
export function requestTagKeys(tags: Tags | undefined): Context {
  if (!tags || Object.keys(tags).length === 0) return {};
  return {
    ...tagContext('s3:RequestObjectTag', tags),
    's3:RequestObjectTagKeys': Object.keys(tags),
  };
}

/** `s3:ExistingObjectTag/<key>`: the tags that an object has. */
export function existingTagKeys(tags: Tags | undefined): Context {
  return tagContext('s3:ExistingObjectTag', tags);
}
