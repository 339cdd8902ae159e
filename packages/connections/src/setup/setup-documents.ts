import type { PlacedConnection, SetupDocument } from '@causeway/contract';
import {
  type AccessDocument,
  accessDocuments,
  corsConfiguration,
  lifecycleConfiguration,
  permissionsPolicy,
} from '@causeway/policy';
import { accessInput } from '../check/expected-documents.ts';
import type { Operator } from '../operator.ts';

export interface SetupOptions {
  /** Of pages that use buckets from browsers; they need a CORS rule. */
  readonly origins?: readonly string[];
}

/** The documents of a connection whose place is known. */
export function setupDocuments(
  connection: PlacedConnection,
  operator: Operator,
  { origins = [] }: SetupOptions,
): SetupDocument[] {
  const label = labelOf(connection);
  const input = accessInput(connection, operator, origins);
  const documents =
    input === null
      ? documentsElsewhere(connection, label, origins)
      : accessDocuments({ ...input, label });
  return documents.map((each) => ({ ...each, document: { ...each.document } }));
}

/**
 * Tells the statements of connections to the same bucket apart. The end of the id is
 * random; IAM wants letters and digits.
 */
function labelOf({ id }: PlacedConnection): string {
  return id.slice(-8).replaceAll(/[^0-9A-Za-z]/g, '');
}

/** Of a store that has no accounts: what its keys must allow, and the bucket's settings. */
function documentsElsewhere(
  { bucket, prefix, capabilities }: PlacedConnection,
  label: string,
  origins: readonly string[],
): AccessDocument[] {
  const browsers = capabilities.includes('browse') && origins.length > 0;
  const customer = (
    name: string,
    purpose: string,
    document: AccessDocument['document'],
  ): AccessDocument => ({ name, side: 'customer', purpose, document });
  return [
    customer(
      'permissionsPolicy',
      'policy of the access key, where the store has policies',
      permissionsPolicy({ bucket, prefix, capabilities }),
    ),
    ...(browsers
      ? [customer('cors', "add to the bucket's CORS configuration", corsConfiguration({ origins }))]
      : []),
    customer(
      'lifecycle',
      "add to the bucket's lifecycle configuration",
      lifecycleConfiguration({ prefix, label }),
    ),
  ];
}
