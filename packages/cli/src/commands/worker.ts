import { Command } from 'commander';
import { examples } from '../client-command.ts';

/** `causeway worker`: a process that carries out runs and nothing else. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('carry out runs; start as many as wanted')
    .addHelpText('after', '\nConfiguration is by variables: docs/configuration.md lists them.')
    .addHelpText('after', examples('DATABASE_URL=postgresql://... causeway worker'))
    .action(async () => {
      const { runWorker } = await import('../start/run-serve.ts');
      await runWorker();
    });
}
