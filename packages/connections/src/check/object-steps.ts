import type { PlacedConnection } from '@causeway/contract';
import type { CheckStepDefinition } from './check-context.ts';
import { probeCors } from './probe-cors.ts';
import { probeDelete } from './probe-delete.ts';
import { probeRead } from './probe-read.ts';
import { probeScope } from './probe-scope.ts';
import { probeWrite } from './probe-write.ts';

/** Steps on what may be done to objects, inside the prefix and outside. */
export const objectSteps: readonly CheckStepDefinition[] = [
  {
    id: 'object.write',
    title: 'A file can be uploaded (tried, then aborted: nothing is left)',
    after: ['session', 'bucket.region'],
    mootIfFailed: ['bucket.owner'],
    appliesTo: ({ capabilities }) => capabilities.some((capability) => capability !== 'ingest'),
    run: probeWrite,
  },
  {
    id: 'object.read',
    title: 'Files can be read',
    after: ['bucket.owner'],
    run: probeRead,
  },
  {
    id: 'object.delete',
    title: 'Files that a later delivery replaces can be deleted',
    after: ['session', 'bucket.region'],
    mootIfFailed: ['bucket.owner'],
    appliesTo: ({ overwrites }) => overwrites,
    run: probeDelete,
  },
  {
    id: 'scope',
    title: 'Outside the prefix nothing is allowed',
    after: ['session', 'bucket.region'],
    mootIfFailed: ['bucket.owner', 'object.write'],
    // In its own buckets the operator may do everything; of the customer's way in `managed.policy` says it.
    appliesTo: ({ owner }) => owner === 'customer',
    run: probeScope,
  },
  {
    id: 'cors',
    title: "The operator's pages may use the bucket from browsers",
    after: ['bucket.region'],
    mootIfFailed: ['bucket.owner'],
    appliesTo: ({ capabilities }: PlacedConnection) => capabilities.includes('browse'),
    run: probeCors,
  },
];
