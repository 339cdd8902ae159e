import { CausewayError } from '@causeway/contract';
import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { program } from './program.ts';
import { style } from './terminal/style.ts';

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : exitCodes.usage;
  }
  const label = style('red', 'error', process.stderr);
  if (CausewayError.is(error)) {
    console.error(`${label} ${error.code}: ${error.message}\n${error.hint}`);
  } else {
    console.error(label, error);
  }
  return exitCodes.failed;
}
