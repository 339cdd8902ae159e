import { createHash } from 'node:crypto';
import type { SecretPlace } from '@causeway/connections';
import type { PostgresSource } from '@causeway/contract';
import { addressOf } from './postgres-address.ts';

/**
 * Where the password of a dataset's source is kept: the operator's own, so without customer
 * and connection. A secret opens only in its place, and this one names server, user and TLS:
 * a password goes nowhere but where it was given for, whoever changes the source.
 */
export function datasetPasswordPlace(datasetId: string, source: PostgresSource): SecretPlace {
  const { host, port, user, tls } = addressOf(source);
  const digest = createHash('sha256')
    .update(JSON.stringify([host, port, user, tls, source.caCertificate ?? null]))
    .digest('hex');
  return {
    customerId: null,
    connectionId: null,
    field: `dataset/${datasetId}/password/${digest.slice(0, 32)}`,
  };
}
