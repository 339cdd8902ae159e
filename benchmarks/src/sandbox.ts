import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { benchListing } from './sandbox/listing.ts';
import { benchThroughput } from './sandbox/throughput.ts';

/** The sandbox as a server of bytes, and of long lists. */
export async function benchSandbox(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-sandbox-'));
  try {
    return [...(await benchThroughput(folder)), ...(await benchListing(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
