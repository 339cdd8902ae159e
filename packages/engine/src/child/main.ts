import { writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { Job, JobRequest, JobResults, Reply } from '../protocol.ts';
import { compareRows } from './compare-rows.ts';
import { sniffCsv } from './csv-table.ts';
import { findPartitions } from './find-partitions.ts';
import { inspectFile } from './inspect-file.ts';
import { toJobFailure } from './job-error.ts';
import { openSession, type Session } from './session.ts';
import { openSourceTable } from './source-table.ts';
import { spillRows } from './spill-rows.ts';
import { unloadScan } from './unload-scan.ts';

/**
 * The engine's child process: takes a job, answers, and is killed, or gets the next one.
 *
 * It never outlives its parent, even one that was killed: the channel closes with it.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (request: JobRequest) => void answer(request));
// Node does it at a regular exit, which this process never comes to.
flushCompileCache();
preferForOutOfMemoryKill();

async function answer(request: JobRequest): Promise<void> {
  try {
    process.chdir(request.folder);
    const session = await openSession(request);
    const result = await runJob(session, request.job);
    if (request.mayFollow) {
      session.close();
      process.chdir('/');
    }
    send({ type: 'done', result });
  } catch (error) {
    send({ type: 'failed', failure: toJobFailure(error) });
  }
}

function runJob(session: Session, job: Job): Promise<JobResults[keyof JobResults]> {
  switch (job.type) {
    case 'describe':
      return openSourceTable(session, job.source, 'describe').then(({ columns }) => [...columns]);
    case 'sniffCsv':
      return sniffCsv(session, job.source.inputs[0]);
    case 'partitions':
      return findPartitions(session, job);
    case 'unload':
      return unloadScan(session, job, (schema) => send({ type: 'ready', schema }));
    case 'spill':
      return spillRows(session, job);
    case 'inspect':
      return inspectFile(session, job);
    case 'compare':
      return compareRows(session, job);
  }
}

function send(reply: Reply): void {
  process.send?.(reply);
}

/** When the machine runs out of memory, a query may be lost, the server and its database not. */
function preferForOutOfMemoryKill(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '900');
  } catch {
    // Not Linux, or not allowed: the kernel chooses by size, which mostly comes to the same.
  }
}
