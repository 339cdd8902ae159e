import { Command } from 'commander';

/** `causeway demo`: the main job from connect to verified delivery, then exit. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('run the main job once, step by step, and verify the result')
    .action(async () => {
      const { runDemo } = await import('../start/run-demo.ts');
      await runDemo();
    });
}
