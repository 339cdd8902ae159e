import { AwsError } from '../http/aws-error.ts';
import type { Incoming } from '../http/incoming.ts';
import { abortMultipartUpload } from './abort-multipart-upload.ts';
import { bucketAccessRoutes, objectAccessRoutes } from './access/access-routes.ts';
import {
  accountPublicAccessBlock,
  isAccountPublicAccessBlock,
} from './access/account-public-access-block.ts';
import { deleteBucketPolicy, getBucketPolicy, putBucketPolicy } from './bucket-policy.ts';
import { getBucketVersioning, putBucketVersioning } from './bucket-versioning.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { copyObject } from './copies/copy-object.ts';
import { uploadPartCopy } from './copies/upload-part-copy.ts';
import { deleteBucketCors, getBucketCors, putBucketCors } from './cors/bucket-cors.ts';
import { preflight } from './cors/preflight.ts';
import { createBucket } from './create-bucket.ts';
import { createMultipartUpload } from './create-multipart-upload.ts';
import { deleteBucket } from './delete-bucket.ts';
import { deleteObject } from './delete-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { getBucketLocation, headBucket } from './describe-bucket.ts';
import {
  deleteBucketEncryption,
  getBucketEncryption,
  putBucketEncryption,
} from './encryption/bucket-encryption.ts';
import { getObject, headObject } from './get-object.ts';
import { getObjectAttributes } from './get-object-attributes.ts';
import {
  deleteBucketLifecycle,
  getBucketLifecycle,
  putBucketLifecycle,
} from './lifecycle/bucket-lifecycle.ts';
import { listBuckets } from './list-buckets.ts';
import { listMultipartUploads } from './list-multipart-uploads.ts';
import { listObjectVersions } from './list-object-versions.ts';
import { listObjects, listObjectsV2 } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import {
  getObjectLockConfiguration,
  putObjectLockConfiguration,
} from './locks/object-lock-configuration.ts';
import {
  getObjectLegalHold,
  getObjectRetention,
  putObjectLegalHold,
  putObjectRetention,
} from './locks/object-retention.ts';
import {
  getBucketNotificationConfiguration,
  putBucketNotificationConfiguration,
} from './notifications/bucket-notifications.ts';
import { postObject } from './post/post-object.ts';
import { putObject } from './put-object.ts';
import { restoreObject } from './restore-object.ts';
import { notImplemented } from './s3-error.ts';
import type { S3Operation } from './s3-operation.ts';
import type { S3Target } from './s3-target.ts';
import {
  deleteBucketTagging,
  getBucketTagging,
  putBucketTagging,
} from './tagging/bucket-tagging.ts';
import {
  deleteObjectTagging,
  getObjectTagging,
  putObjectTagging,
} from './tagging/object-tagging.ts';
import {
  deleteBucketReplication,
  deleteBucketWebsite,
  getBucketAccelerateConfiguration,
  getBucketLogging,
  getBucketReplication,
  getBucketRequestPayment,
  getBucketWebsite,
} from './unset-settings.ts';
import { uploadPart } from './upload-part.ts';

/** Operations by method and, after a space, the query parameter that chooses among them. */
type Routes = Readonly<Record<string, S3Operation>>;

const serviceRoutes: Routes = { GET: listBuckets };

const bucketRoutes: Routes = {
  PUT: createBucket,
  DELETE: deleteBucket,
  HEAD: headBucket,
  GET: listObjects,
  'GET list-type': listObjectsV2,
  'GET location': getBucketLocation,
  'GET policy': getBucketPolicy,
  'PUT policy': putBucketPolicy,
  'DELETE policy': deleteBucketPolicy,
  'GET versioning': getBucketVersioning,
  'PUT versioning': putBucketVersioning,
  'GET versions': listObjectVersions,
  'GET lifecycle': getBucketLifecycle,
  'PUT lifecycle': putBucketLifecycle,
  'DELETE lifecycle': deleteBucketLifecycle,
  'GET object-lock': getObjectLockConfiguration,
  'PUT object-lock': putObjectLockConfiguration,
  'GET tagging': getBucketTagging,
  'PUT tagging': putBucketTagging,
  'DELETE tagging': deleteBucketTagging,
  'GET uploads': listMultipartUploads,
  'POST delete': deleteObjects,
  POST: postObject,
  ...bucketAccessRoutes,
  'GET cors': getBucketCors,
  'PUT cors': putBucketCors,
  'DELETE cors': deleteBucketCors,
  'GET encryption': getBucketEncryption,
  'PUT encryption': putBucketEncryption,
  'DELETE encryption': deleteBucketEncryption,
  'GET notification': getBucketNotificationConfiguration,
  'PUT notification': putBucketNotificationConfiguration,
  'GET requestPayment': getBucketRequestPayment,
  'GET logging': getBucketLogging,
  'GET accelerate': getBucketAccelerateConfiguration,
  'GET website': getBucketWebsite,
  'DELETE website': deleteBucketWebsite,
  'GET replication': getBucketReplication,
  'DELETE replication': deleteBucketReplication,
};

const objectRoutes: Routes = {
  PUT: putObject,
  GET: getObject,
  HEAD: headObject,
  DELETE: deleteObject,
  ...objectAccessRoutes,
  'GET attributes': getObjectAttributes,
  'GET retention': getObjectRetention,
  'PUT retention': putObjectRetention,
  'GET legal-hold': getObjectLegalHold,
  'PUT legal-hold': putObjectLegalHold,
  'GET tagging': getObjectTagging,
  'PUT tagging': putObjectTagging,
  'DELETE tagging': deleteObjectTagging,
  'POST restore': restoreObject,
  'POST uploads': createMultipartUpload,
  'PUT uploadId': uploadPart,
  'POST uploadId': completeMultipartUpload,
  'DELETE uploadId': abortMultipartUpload,
  'GET uploadId': listParts,
};

/** With `x-amz-copy-source` an upload has no body, and is another operation. */
const copyRoutes: Routes = { PUT: copyObject, 'PUT uploadId': uploadPartCopy };

/** The names of all operations there are. */
export function s3OperationNames(): string[] {
  const routes = [serviceRoutes, bucketRoutes, objectRoutes, copyRoutes];
  return [...new Set(routes.flatMap((some) => Object.values(some).map(({ name }) => name)))];
}

/** Every query parameter that makes another operation of a request, known to the sandbox or not. */
const choosers = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'list-type',
  'location',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
];

/**
 * Finds the operation that a request asks for.
 *
 * @throws AwsError `NotImplemented` rather than taking a request for another one.
 */
export function findOperation(incoming: Incoming, target: S3Target): S3Operation {
  const { method, query, headers } = incoming;
  if (method === 'OPTIONS') return preflight;
  const routes = isAccountPublicAccessBlock(incoming) ? accountPublicAccessBlock : routesOf(target);
  const chooser = choosers.find((name) => query.has(name));
  const route = chooser === undefined ? method : `${method} ${chooser}`;
  const isCopy = target.key !== null && headers.has('x-amz-copy-source');
  const operation = (isCopy ? copyRoutes[route] : undefined) ?? routes[route];
  if (operation) return operation;
  if (chooser !== undefined) throw notImplemented(`${method} with "?${chooser}"`);
  throw new AwsError(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { fields: { Method: method } },
  );
}

function routesOf({ bucket, key }: S3Target): Routes {
  if (bucket === null) return serviceRoutes;
  return key === null ? bucketRoutes : objectRoutes;
}
