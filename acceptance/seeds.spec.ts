/**
 * The five documents that Causeway began with, each walked step by step on the sandbox: what
 * the vendor's staff does goes over HTTP, what the customer's administrator does through the AWS
 * SDK. One server serves all, as it does in production.
 */
import { after, before, describe } from 'node:test';
import { caravelAccessKeys } from './seeds/caravel-access-keys.ts';
import { datasaurObjectStorage } from './seeds/datasaur-object-storage.ts';
import { exploDataShare } from './seeds/explo-data-share.ts';
import { managedBucketDelivery } from './seeds/managed-bucket-delivery.ts';
import { narrativeManagedBucket } from './seeds/narrative-managed-bucket.ts';
import { prequelDestination } from './seeds/prequel-destination.ts';
import { freePort } from './support/free-port.ts';
import { openVendor, type Vendor } from './support/vendor.ts';

describe('the five documents', () => {
  let vendor: Vendor;
  before(async () => {
    // Its address is part of every token that it issues, so it must be known beforehand.
    vendor = await openVendor({ CAUSEWAY_PORT: String(await freePort()) });
  });
  after(() => vendor?.close());

  const opened = () => vendor;
  narrativeManagedBucket(opened);
  managedBucketDelivery(opened);
  caravelAccessKeys(opened);
  exploDataShare(opened);
  datasaurObjectStorage(opened);
  prequelDestination(opened);
});
