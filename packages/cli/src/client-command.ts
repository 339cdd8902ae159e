import { type Client, createClient } from '@causeway/sdk';
import { Command } from 'commander';
import { chooseServer } from './environment.ts';

export interface ClientOptions {
  readonly url?: string;
  readonly apiKey?: string;
  readonly json?: boolean;
}

/** A command that calls a server: adds the flags that all of these share. */
export function clientCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--url <url>', 'the server (default: CAUSEWAY_URL, or the one that `dev` started here)')
    .option('--api-key <key>', 'the API key (default: CAUSEWAY_API_KEY, or that of `dev`)')
    .option('--json', 'print JSON');
}

export function clientFor(options: ClientOptions): Client {
  const { url, apiKey } = chooseServer(options);
  return createClient({ baseUrl: url, apiKey });
}

/** Prints a result: as JSON if asked, else the way `show` writes it. */
export function print<T>(options: ClientOptions, value: T, show: (value: T) => string): void {
  console.log(options.json ? JSON.stringify(value, null, 2) : show(value));
}
