import { CausewayError } from '@causeway/contract';
import { style } from './style.ts';
import { printable } from './table.ts';

const startOne =
  'Start a server with `npm start` (`causeway dev`) in this folder, or name one with --url or CAUSEWAY_URL';

const getKey =
  'Use --api-key or CAUSEWAY_API_KEY: `causeway serve` prints the first key at its first start, and `causeway dev` leaves its key for the commands in the same folder';

/**
 * A failure as the person at the command line reads it: what was found, and what to
 * do there. Null for a bug, which is told with its stack.
 */
export function describeFailure(error: unknown): string | null {
  const told = tell(error);
  if (!told) return null;
  const label = style('red', 'error', process.stderr);
  return `${label} ${told.code}: ${printable(told.message)}\n${printable(told.hint)}`;
}

interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

function tell(error: unknown): Told | null {
  if (CausewayError.is(error, 'unauthorized')) {
    const { code, details, message } = error;
    const missing = 'Cannot call Causeway: there is no API key';
    return { code, message: details.found === 'nothing' ? missing : message, hint: getKey };
  }
  if (CausewayError.is(error, 'server_unreachable')) {
    return { code: error.code, message: error.message, hint: startOne };
  }
  if (CausewayError.is(error, 'invalid_request')) {
    const hint = 'Correct what is named and run the command again; --help shows examples';
    return { code: error.code, message: error.message, hint };
  }
  return isTold(error) ? once(error) : null;
}

/** A mistake in a policy has its hint in the message too, for logs of one line. */
function once({ code, message, hint }: Told): Told {
  const ending = `. ${hint}`;
  return {
    code,
    message: message.endsWith(ending) ? message.slice(0, -ending.length) : message,
    hint,
  };
}

/** Errors of every room that say what to do, such as those of the sandbox. */
function isTold(error: unknown): error is Told {
  if (!(error instanceof Error)) return false;
  const { code, hint } = error as Partial<Told>;
  return typeof code === 'string' && typeof hint === 'string';
}
