import { Command } from 'commander';

/** `causeway migrate`: brings the database up to this version, then exits. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database up to this version')
    .action(async () => {
      const { runMigrate } = await import('../start/run-serve.ts');
      await runMigrate();
    });
}
