import type { Manifest, WeakerGuarantee } from '@causeway/contract';
import type { StoreCapabilities } from '@causeway/objectstore';

const capabilityOf: Readonly<Record<WeakerGuarantee, keyof StoreCapabilities>> = {
  create_only: 'conditionalComplete',
  checksums: 'checksums',
  bucket_owner: 'expectedBucketOwner',
};

/** For people who receive the delivery. */
const meanings: Readonly<Record<WeakerGuarantee, string>> = {
  create_only: 'the store does not refuse to replace an object when an upload is completed',
  checksums: 'the store does not verify checksums',
  bucket_owner: 'the store does not tell whose bucket it is',
};

/** What a manifest says of the store that it lies in: nothing where all is as on S3. */
export function weakerGuarantees(
  capabilities: StoreCapabilities,
): Pick<Manifest, 'weakerGuarantees'> {
  const names = Object.keys(capabilityOf) as WeakerGuarantee[];
  const lacking = names.filter((name) => !capabilities[capabilityOf[name]]);
  return lacking.length === 0 ? {} : { weakerGuarantees: lacking };
}

/** Of a name that this version does not know there is the name alone. */
export function describeWeaker(weaker: readonly string[]): string {
  const known = new Map<string, string>(Object.entries(meanings));
  return weaker.map((name) => known.get(name) ?? `the store lacks "${name}"`).join('; ');
}
