import { Connection, ManagedBucketCreate } from './connections.ts';
import {
  AccessChange,
  AccessDetails,
  ManagedBucketPreview,
  ProvisionRequest,
} from './managed-buckets.ts';
import { byId, operation } from './operation-parts.ts';

const tags = ['Managed buckets'] as const;

/** What AWS may answer to the operator. */
const operatorErrors = ['access_denied', 'store_refused', 'store_unavailable'] as const;

/** Operations on connections whose bucket is the operator's. */
export const managedBucketOperations = {
  preview: operation
    .route({
      method: 'POST',
      path: '/v1/managed-buckets/preview',
      summary: 'Show what a managed bucket would be like',
      description:
        'Takes what creates the connection, and refuses what that would refuse. Keeps nothing and asks nothing of AWS.',
      tags,
    })
    .meta({ errors: ['not_found', 'account_not_allowed', 'operator_account_missing'] })
    .input(ManagedBucketCreate)
    .output(ManagedBucketPreview),
  provision: operation
    .route({
      method: 'POST',
      path: '/v1/connections/{id}/provision',
      summary: 'Make a managed bucket, or mend it',
      description:
        'Makes what is missing and puts back what was changed by hand: bucket, settings, policy and role. Safe to repeat: after a failure the same again finishes the work. It also lets a customer in again whose access was revoked.',
      tags,
    })
    .meta({
      errors: [
        'not_found',
        'not_managed',
        'change_in_progress',
        'bucket_not_ours',
        'operator_account_missing',
        ...operatorErrors,
      ],
    })
    .input(byId.extend(ProvisionRequest.shape))
    .output(Connection),
  accessDetails: operation
    .route({
      method: 'GET',
      path: '/v1/connections/{id}/access-details',
      summary: 'What a customer needs to use its managed bucket',
      tags,
    })
    .meta({ errors: ['not_found', 'not_managed'] })
    .input(byId)
    .output(AccessDetails),
  changeAccess: operation
    .route({
      method: 'POST',
      path: '/v1/connections/{id}/access',
      summary: 'Change how a customer comes into its managed bucket',
      description:
        'The new way is there before the old one is closed. The connection is a draft until it is checked again, unless it is receipts alone that change. Whoever comes in by the bucket policy needs the new policy of the access details to use what it now may.',
      tags,
    })
    .meta({
      errors: [
        'not_found',
        'not_managed',
        'connection_not_ready',
        'access_changed_by_hand',
        'change_in_progress',
        ...operatorErrors,
      ],
    })
    .input(byId.extend(AccessChange.shape))
    .output(Connection),
  revokeAccess: operation
    .route({
      method: 'POST',
      path: '/v1/connections/{id}/revoke-access',
      summary: "Close a customer's way into its managed bucket",
      description:
        'Bucket and data stay, since the name must not fall to somebody else. The connection is paused.',
      tags,
    })
    .meta({ errors: ['not_found', 'not_managed', 'change_in_progress', ...operatorErrors] })
    .input(byId)
    .output(Connection),
};
