import type { UnsignedManifest } from '@causeway/contract';

/** Of a first delivery that had nothing to send. */
export const sampleManifest: UnsignedManifest = {
  version: 1,
  runId: 'run_1',
  deliveryId: 'dlv_1',
  dataset: 'flights',
  customer: 'cus_1',
  mode: 'full',
  window: { from: null, to: '2026-11-22T00:00:00.000Z' },
  sequence: 1,
  previousRunId: null,
  startedAt: '2026-11-22T10:00:00.000Z',
  completedAt: '2026-11-22T10:00:01.000Z',
  format: 'jsonl',
  compression: 'none',
  schema: [],
  primaryKey: [],
  rows: 0,
  bytes: 0,
  files: [],
  tombstones: [],
};
