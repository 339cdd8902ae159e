import type { PlacedConnection, SetupDocument } from '@causeway/contract';
import {
  type AccessDocument,
  accessDocuments,
  corsConfiguration,
  lifecycleConfiguration,
  permissionsPolicy,
} from '@causeway/policy';
import { accessInput, labelOf } from '../check/expected-documents.ts';
import { hasExistingRole } from '../customer-role.ts';
import type { Operator } from '../operator.ts';
import { placedRights } from '../placed-rights.ts';

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
  const input = accessInput(connection, operator, origins);
  const documents =
    input === null ? documentsElsewhere(connection, origins) : accessDocuments(input);
  return documents.map((each) => ({ ...each, document: { ...each.document } })).map(named);

  function named(each: SetupDocument): SetupDocument {
    const isShared = each.name === 'trustPolicy' && hasExistingRole(connection);
    return isShared ? { ...each, document: withLabel(each.document, labelOf(connection)) } : each;
  }
}

/** Other statements of a role that exists are kept, so ours need names of their own. */
function withLabel(document: SetupDocument['document'], label: string): SetupDocument['document'] {
  const { Statement } = document as { Statement: readonly { Sid?: string }[] };
  return {
    ...document,
    Statement: Statement.map((statement) => ({ ...statement, Sid: `${statement.Sid}${label}` })),
  };
}

/** Of a store that has no accounts: what its keys must allow, and the bucket's settings. */
function documentsElsewhere(
  connection: PlacedConnection,
  origins: readonly string[],
): AccessDocument[] {
  const { prefix, capabilities } = connection;
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
      permissionsPolicy(placedRights(connection)),
    ),
    ...(browsers
      ? [customer('cors', "add to the bucket's CORS configuration", corsConfiguration({ origins }))]
      : []),
    customer(
      'lifecycle',
      "add to the bucket's lifecycle configuration",
      lifecycleConfiguration({ prefix, label: labelOf(connection) }),
    ),
  ];
}
