import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
import { examples } from '../client-command.ts';
import { dataDir } from '../environment.ts';

/** `causeway dev`: everything embedded, with sample customers and a first delivery. */
export function devCommand(): Command {
  return new Command('dev')
    .description('start everything here: sandbox, state, API and worker, with sample customers')
    .option('--no-sample', 'start without the sample customers and their first delivery')
    .addHelpText('after', examples('causeway dev', 'CAUSEWAY_PORT=8080 causeway dev --no-sample'))
    .action(async (options: { sample: boolean }) => {
      // Its modules take half of the time that a start takes; what was compiled is kept.
      enableCompileCache(join(dataDir(), 'compile-cache'));
      const { runDev } = await import('../start/run-dev.ts');
      await runDev(options);
    });
}
