import { CausewayError } from '@causeway/contract';
import type { CursorWindow } from './cursor-window.ts';
import { hasZstd } from './encode/codecs.ts';
import type { UnloadJob } from './engine.ts';

/** @throws CausewayError `invalid_request` for what no source could make right. */
export function checkUnloadJob(job: UnloadJob): void {
  const issues = job.window === undefined ? [] : windowIssues(job.window);
  issues.push(...formIssues(job));
  if (job.rowName && job.format !== 'jsonl') {
    issues.push({ path: 'rowName', message: 'is for format "jsonl"' });
  }
  if ((job.targetFileBytes ?? leastFileBytes) < leastFileBytes) {
    issues.push({ path: 'targetFileBytes', message: `must be ${leastFileBytes} or more` });
  }
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
}

/** More than a FIFO holds, which rotation rests on: see `rotatedOutput`. */
const leastFileBytes = 256 * 1024;

function formIssues({ format, compression }: Pick<UnloadJob, 'format' | 'compression'>) {
  if (format === 'parquet') return [];
  const path = 'compression';
  if (compression === 'snappy') {
    return [{ path, message: `must be "gzip", "zstd" or "none" for format "${format}"` }];
  }
  if (compression !== 'zstd' || hasZstd()) return [];
  return [{ path, message: `cannot be "zstd" for format "${format}" before Node 22.15` }];
}

/** @throws CausewayError `invalid_request` for what no source could make right. */
export function checkComparison(comparison: {
  readonly customerColumn: string | null;
  readonly customerValue: string | null;
  readonly window?: CursorWindow;
}): void {
  const issues = comparison.window === undefined ? [] : windowIssues(comparison.window);
  if (comparison.customerColumn !== null && comparison.customerValue === null) {
    issues.push({ path: 'customerValue', message: 'must be given with customerColumn' });
  }
  if (issues.length > 0) throw new CausewayError('invalid_request', { issues });
}

/** ISO 8601 in UTC. Databases keep microseconds: a finer bound could not be kept. */
const utcTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6}0*)?)?Z$/;

function windowIssues(window: CursorWindow): { path: string; message: string }[] {
  return (['from', 'to'] as const)
    .filter((bound) => {
      const time = window[bound];
      return time !== null && !(utcTime.test(time) && Number.isFinite(Date.parse(time)));
    })
    .map((bound) => ({
      path: `window.${bound}`,
      message: 'must be a time in UTC such as "2026-01-31T09:30:00.123456Z"',
    }));
}
