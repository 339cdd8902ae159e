import {
  type Connection,
  formatLocation,
  type SetupGuide,
  writeOptionsOf,
} from '@causeway/contract';
import type { Operator } from '../operator.ts';
import { partitionOfOperator } from '../operator-without-account.ts';
import { type SetupOptions, setupDocuments } from './setup-documents.ts';
import { setupSteps } from './setup-steps.ts';
import { setupValues } from './setup-values.ts';

/**
 * What must be created for a connection, as values to copy, documents and the AWS
 * calls that put them in place. Every rendering of the setup comes from this one
 * definition. As long as the bucket or its account is not known there are neither
 * documents nor calls, and `missing` says what to ask for.
 */
export function setupGuide(
  connection: Connection,
  operator: Operator,
  options: SetupOptions = {},
): SetupGuide {
  const { bucket, prefix } = connection;
  const missing = missingOf(connection);
  const documents =
    bucket === null || missing.length > 0
      ? []
      : setupDocuments({ ...connection, bucket }, operator, options);
  return {
    connectionId: connection.id,
    access: connection.access,
    owner: connection.owner,
    capabilities: connection.capabilities,
    overwrites: connection.overwrites,
    writeOptions: writeOptionsOf(connection),
    location: bucket === null ? null : formatLocation({ bucket, prefix }),
    accountId: connection.accountId,
    partition: partitionOfOperator(operator),
    region: connection.region,
    missing,
    values: setupValues(connection, operator),
    documents,
    steps: missing.length > 0 ? [] : setupSteps(connection, documents),
  };
}

/** Stores other than AWS have no accounts. */
function missingOf(connection: Connection): SetupGuide['missing'] {
  const { bucket, accountId } = connection;
  const elsewhere = connection.access === 'access_key' && connection.endpoint !== null;
  return [
    ...(bucket === null ? ['location' as const] : []),
    ...(accountId === null && !elsewhere ? ['accountId' as const] : []),
  ];
}
