import { Command } from 'commander';
import { examples } from '../client-command.ts';

/** `causeway migrate`: brings the database up to this version, then exits. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database up to this version')
    .addHelpText('after', examples('DATABASE_URL=postgresql://... causeway migrate'))
    .action(async () => {
      const { runMigrate } = await import('../start/run-serve.ts');
      await runMigrate();
    });
}
