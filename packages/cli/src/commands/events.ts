import { type Event, type EventChain, type EventQuery, EventType } from '@causeway/contract';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  defined,
  examples,
  type PageOptions,
  pageCommand,
  pageQuery,
  print,
  printPage,
} from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { followEvents } from '../follow-events.ts';
import { fields, printable, table, toJson } from '../terminal/table.ts';

/** `causeway events list|follow|verify`. */
export function eventsCommand(): Command {
  return new Command('events')
    .description('what has changed, and who changed it')
    .addCommand(list())
    .addCommand(follow())
    .addCommand(verify());
}

interface Filters {
  readonly customer?: string;
  readonly connection?: string;
  readonly link?: string;
  readonly dataset?: string;
  readonly delivery?: string;
  readonly run?: string;
  readonly webhook?: string;
  readonly type?: EventType;
  readonly since?: string;
}

function withFilters(command: Command): Command {
  return command
    .option('--customer <id>', 'only those of one customer')
    .option('--connection <id>', 'only those of one connection')
    .option('--link <id>', 'only those of one setup link')
    .option('--dataset <id>', 'only those of one dataset')
    .option('--delivery <id>', 'only those of one delivery')
    .option('--run <id>', 'only those of one run')
    .option('--webhook <id>', 'only those of one webhook')
    .addOption(new Option('--type <type>', 'only those of one type').choices(EventType.options))
    .option(
      '--since <time>',
      'only those since then: 30m, 24h, 7d, a date, or a time with its zone',
      sinceTime,
    );
}

function queryOf(filters: Filters): EventQuery {
  return defined({
    customerId: filters.customer,
    connectionId: filters.connection,
    setupLinkId: filters.link,
    datasetId: filters.dataset,
    deliveryId: filters.delivery,
    runId: filters.run,
    webhookId: filters.webhook,
    type: filters.type,
    since: filters.since,
  });
}

function list(): Command {
  return withFilters(pageCommand('list', 'list events, newest first'))
    .addHelpText(
      'after',
      examples(
        'causeway events list --connection conn_... --since 24h',
        'causeway events list --type connection.status_changed --json',
      ),
    )
    .action(async (options: PageOptions & Filters) => {
      const query = { ...pageQuery(options), ...queryOf(options) };
      printPage(options, await clientFor(options).events.list(query), {
        head: ['AT', 'TYPE', 'CUSTOMER', 'ABOUT', 'BY', 'CHANGE'],
        row: cells,
        empty: 'There are no such events',
      });
    });
}

function follow(): Command {
  return withFilters(clientCommand('follow', 'print events as they happen, until stopped'))
    .addHelpText(
      'after',
      '\nWith --since, first those that have happened. With --json, one event a line.',
    )
    .addHelpText('after', examples('causeway events follow --customer cus_...'))
    .action(async (options: ClientOptions & Filters) => {
      const { events } = clientFor(options);
      for await (const event of followEvents(events, queryOf(options))) {
        console.log(options.json ? lineOf(event) : printable(cells(event).join('  ')));
      }
    });
}

function verify(): Command {
  return clientCommand('verify', 'see that no event was changed or taken out')
    .option('--head <number:hash>', 'a head that was kept: also see that it is still in the chain')
    .addHelpText(
      'after',
      `\nExits with ${exitCodes.notProved} when something is wrong. Keep the head that is printed elsewhere.`,
    )
    .addHelpText(
      'after',
      examples('causeway events verify', 'causeway events verify --head 12:9f86d0...'),
    )
    .action(async (options: ClientOptions & { readonly head?: string }) => {
      const { head } = options;
      const chain = await clientFor(options).events.verify(head === undefined ? {} : { head });
      print(options, chain, showChain);
      if (!chain.intact) process.exitCode = exitCodes.notProved;
    });
}

function showChain({ intact, head, waiting, faults }: EventChain): string {
  const facts = fields({
    events: intact ? 'as they were written' : 'NOT as they were written',
    head: head === null ? '-' : `${head.number}:${head.hash}`,
    'not linked yet': String(waiting),
  });
  if (intact) return facts;
  const rows = faults.map(({ number, eventId, fault }) => [String(number), eventId ?? '-', fault]);
  return `${facts}\n\n${table(['LINK', 'EVENT', 'FAULT'], rows)}`;
}

/** JSON on one line, safe on a terminal. */
function lineOf(event: Event): string {
  return toJson(event).replace(/\n\s*/g, ' ');
}

function cells({ at, type, actor, customerId, connectionId, ...event }: Event): string[] {
  const { runId, deliveryId, datasetId, webhookId } = event;
  return [
    at,
    type,
    customerId ?? '-',
    runId ?? connectionId ?? deliveryId ?? datasetId ?? webhookId ?? '-',
    actor.id ?? actor.type,
    changeOf(event),
  ];
}

/** What is different, in short: the names of what changed, or from what to what if it is one thing. */
function changeOf({ before, after, cause }: Pick<Event, 'before' | 'after' | 'cause'>): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const [name] = names;
  const shown = (value: unknown) => (value === undefined || value === null ? '-' : String(value));
  const isPlain = (value: unknown) => typeof value !== 'object' || value === null;
  const text =
    name !== undefined && names.length === 1 && isPlain(before?.[name]) && isPlain(after?.[name])
      ? `${name}: ${shown(before?.[name])} -> ${shown(after?.[name])}`
      : names.join(', ');
  return cause === null ? text || '-' : `${text} (${cause})`.trimStart();
}

const unitSeconds: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

/** @throws InvalidArgumentError, which counts as wrong usage. */
export function sinceTime(text: string, _previous?: unknown, now = Date.now()): string {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    return new Date(now - Number(count) * (unitSeconds[unit] ?? 0) * 1000).toISOString();
  }
  // Without its zone a time would mean another one on each machine; a date begins in UTC.
  const isExact = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = isExact ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('It must be like 24h, 2026-01-31 or 2026-01-31T12:00:00Z.');
  }
  return new Date(time).toISOString();
}
