import type { Connection, Customer, Dataset, Delivery, Run } from '@causeway/contract';

/** What the page shows: the newest of each, and whether there are more. */
export interface Overview {
  readonly customers: readonly Customer[];
  readonly connections: readonly Connection[];
  readonly datasets: readonly Dataset[];
  readonly deliveries: readonly Delivery[];
  readonly runs: readonly Run[];
  /** Nouns of which there are more than shown. */
  readonly cut: readonly string[];
}
