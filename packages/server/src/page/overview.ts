import type { Connection, Customer, Dataset, Delivery, Page, Run } from '@causeway/contract';
import type { Records } from '@causeway/store';

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

/** Reads what the page shows. */
export async function loadOverview(store: Records): Promise<Overview> {
  const [customers, connections, datasets, deliveries, runs] = await Promise.all([
    store.customers.list({ limit: 50 }),
    store.connections.list({ limit: 200 }),
    store.datasets.list({ limit: 50 }),
    store.deliveries.list({ limit: 50 }),
    store.runs.list({ limit: 20 }),
  ]);
  const pages: Record<string, Page<unknown>> = {
    customers,
    connections,
    datasets,
    deliveries,
    runs,
  };
  return {
    customers: customers.items,
    connections: connections.items,
    datasets: datasets.items,
    deliveries: deliveries.items,
    runs: runs.items,
    cut: Object.keys(pages).filter((noun) => pages[noun]?.nextCursor !== null),
  };
}
