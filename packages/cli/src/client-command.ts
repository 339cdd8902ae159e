import { type Client, createClient } from '@causeway/sdk';
import { Command, InvalidArgumentError } from 'commander';
import { chooseServer } from './environment.ts';
import { table, toJson } from './terminal/table.ts';

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
    .option(
      '--api-key <key>',
      'the API key (default: CAUSEWAY_API_KEY, or that of the server that `dev` started)',
    )
    .option('--json', 'print JSON');
}

export interface PageOptions extends ClientOptions {
  readonly limit: number;
  readonly cursor?: string;
}

/** A command that lists, page by page. */
export function pageCommand(name: string, description: string): Command {
  return clientCommand(name, description)
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .option('--cursor <cursor>', 'where the page before ended');
}

/** The part of the options that every list of the API takes. */
export function pageQuery({ limit, cursor }: PageOptions): { limit: number; cursor?: string } {
  return { limit, ...(cursor !== undefined && { cursor }) };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined: what was not given is for the server to choose. */
export function defined<T extends object>(members: T): Defined<T> {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Defined<T>;
}

/** The examples at the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  const title = lines.length === 1 ? 'Example:' : 'Examples:';
  return `\n${[title, ...lines.map((line) => `  ${line}`)].join('\n')}`;
}

/** For options that take a number. @throws InvalidArgumentError, which counts as wrong usage. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** For options that take `key=value` and may be repeated. */
export function collectProperty(
  pair: string,
  all: Readonly<Record<string, string>>,
): Record<string, string> {
  const cut = pair.indexOf('=');
  return { ...all, [pair.slice(0, cut < 0 ? undefined : cut)]: cut < 0 ? '' : pair.slice(cut + 1) };
}

export function clientFor(options: ClientOptions): Client {
  const { url, apiKey } = chooseServer(options);
  return createClient({ baseUrl: url, apiKey });
}

/** Prints a result: as JSON if asked, else the way `show` writes it. */
export function print<T>(options: ClientOptions, value: T, show: (value: T) => string): void {
  console.log(options.json ? toJson(value) : show(value));
}

interface Listed<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

interface ListLayout<T> {
  readonly head: readonly string[];
  readonly row: (item: T) => readonly string[];
  /** Said when there is nothing, with the command that changes it. */
  readonly empty: string;
}

/** Prints a page as a table, and how to get the next one. */
export function printPage<T>(options: ClientOptions, page: Listed<T>, layout: ListLayout<T>): void {
  print(options, page, ({ items, nextCursor }) => {
    if (items.length === 0) return layout.empty;
    const rows = table(layout.head, items.map(layout.row));
    return nextCursor === null ? rows : `${rows}\n\nThere are more: --cursor ${nextCursor}`;
  });
}
