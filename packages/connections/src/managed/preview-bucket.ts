import type { ManagedBucketPreview, ManagedConnection } from '@causeway/contract';
import { expectedDocuments } from '../check/expected-documents.ts';
import type { Operator } from '../operator.ts';
import { managedAccess, receiptsPrefix } from './managed-access.ts';
import { suffixLength } from './managed-bucket-name.ts';

/**
 * What would be made for a connection that nobody has kept. Its documents are those that
 * {@link provisionBucket} would put there, with words in the place of what is made up
 * anew each time: nobody shall copy a name that there will never be.
 */
export function previewBucket(draft: ManagedConnection, operator: Operator): ManagedBucketPreview {
  const { bucketPolicy, role } = managedAccess(draft, operator);
  const { customerPolicy } = expectedDocuments(draft, operator);
  const preview = {
    bucketName: draft.bucket,
    makes: makes(draft, operator),
    warnings: warnings(draft),
    bucketPolicy,
    role: role && {
      name: role.name,
      trustPolicy: role.trustPolicy,
      permissionsPolicy: role.permissionsPolicy,
    },
    customerPolicy,
  };
  return JSON.parse(unnamed(JSON.stringify(preview), draft)) as ManagedBucketPreview;
}

function unnamed(text: string, draft: ManagedConnection): string {
  const named = text.replaceAll(
    draft.bucket,
    `${draft.resourceId}-{${suffixLength} random characters}`,
  );
  if (draft.access === 'bucket_policy' || draft.externalId === null) return named;
  return named.replaceAll(draft.externalId, '{external ID}');
}

function makes(draft: ManagedConnection, operator: Operator): string[] {
  const { bucket, customerAccountId, settings } = draft;
  const letsIn =
    draft.access === 'bucket_policy'
      ? `A bucket policy that lets account ${customerAccountId} in, which decides itself who may do what`
      : `Role "${draft.roleName}", which principals of account ${customerAccountId} may assume${draft.externalId === null ? '' : ' with an external ID'}`;
  return [
    `Bucket "${bucket}" in ${operator.region}, in account ${operator.accountId}`,
    letsIn,
    'Block Public Access, all four settings; TLS 1.2 or later is demanded',
    settings.ownership === 'enforced'
      ? "ACLs disabled: every object is the operator's"
      : 'Every write must carry the ACL "bucket-owner-full-control" and be one request',
    settings.kmsKeyArn === null
      ? "Encryption with keys of S3's own"
      : `Encryption with ${settings.kmsKeyArn}`,
    'Unfinished uploads are cleared away after 7 days',
    ...(settings.versioning ? ['Versioning: S3 keeps what is overwritten'] : []),
    ...(draft.receipts
      ? [`The customer may write receipts below "${receiptsPrefix(draft)}", and nothing else there`]
      : []),
  ];
}

function warnings(draft: ManagedConnection): string[] {
  const { capabilities, settings } = draft;
  const written = capabilities.some((each) => each !== 'deliver');
  return [
    ...(draft.access === 'operator_role' && draft.externalId !== null
      ? [
          'With an external ID nobody can use the bucket in the AWS console: its "Switch role" has no field for one',
        ]
      : []),
    ...(written && settings.ownership === 'bucket_owner_full_control'
      ? ['Uploads without "--acl bucket-owner-full-control" are refused, and so are multipart ones']
      : []),
    ...(settings.kmsKeyArn === null
      ? []
      : [`The policy of the KMS key must let account ${draft.customerAccountId} use it`]),
  ];
}
