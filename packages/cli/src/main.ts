import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { program } from './program.ts';
import { describeFailure } from './terminal/describe-failure.ts';

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : exitCodes.usage;
  }
  console.error(describeFailure(error) ?? error);
  return exitCodes.failed;
}
