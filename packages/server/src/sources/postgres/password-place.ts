import type { SecretPlace } from '@causeway/connections';

/** Where the password of a dataset's source is kept: the operator's own, so without customer and connection. */
export function datasetPasswordPlace(datasetId: string): SecretPlace {
  return { customerId: null, connectionId: null, field: `dataset/${datasetId}/password` };
}
