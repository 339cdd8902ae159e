import { Command } from 'commander';

/** `causeway worker`: a process that carries out runs and nothing else. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('carry out runs; start as many as wanted')
    .action(async () => {
      const { runWorker } = await import('../start/run-serve.ts');
      await runWorker();
    });
}
