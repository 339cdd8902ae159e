import { Command } from 'commander';
import { examples } from '../client-command.ts';

/** `causeway serve`: the HTTP API for production. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('start the HTTP API, with a worker unless told otherwise')
    .option('--no-worker', 'leave the runs to `causeway worker` processes')
    .addHelpText('after', '\nConfiguration is by variables: docs/configuration.md lists them.')
    .addHelpText('after', examples('DATABASE_URL=postgresql://... causeway serve --no-worker'))
    .action(async (options: { worker: boolean }) => {
      const { runServe } = await import('../start/run-serve.ts');
      await runServe(options);
    });
}
