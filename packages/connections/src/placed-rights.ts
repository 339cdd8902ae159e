import { type PlacedConnection, writeOptionsOf } from '@causeway/contract';
import type { PlaceInput } from '@causeway/policy';

/**
 * What of a connection its policies are made of, but its partition and key: stores elsewhere
 * have neither.
 */
export function placedRights(connection: PlacedConnection): Omit<PlaceInput, 'kmsKeyArn'> {
  const { bucket, prefix, capabilities, overwrites } = connection;
  const { tags, acl } = writeOptionsOf(connection);
  return {
    bucket,
    prefix,
    capabilities,
    overwrites,
    setsTags: Object.keys(tags).length > 0,
    setsAcl: acl !== null,
  };
}
