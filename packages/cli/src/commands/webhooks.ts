import {
  EventType,
  type Webhook,
  type WebhookMessage,
  WebhookMessageState,
  type WebhookWithSecret,
} from '@causeway/contract';
import { Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  type PageOptions,
  pageCommand,
  pageQuery,
  print,
  printPage,
  wholeNumber,
} from '../client-command.ts';
import { fields } from '../terminal/table.ts';
import { sinceTime } from './events.ts';

/** `causeway webhooks create|list|get|update|delete|rotate-secret|messages|replay|test`. */
export function webhooksCommand(): Command {
  return new Command('webhooks')
    .description('addresses that are told of events, by the Standard Webhooks specification')
    .addCommand(create())
    .addCommand(list())
    .addCommand(get())
    .addCommand(update())
    .addCommand(remove())
    .addCommand(rotateSecret())
    .addCommand(messages())
    .addCommand(replay())
    .addCommand(test());
}

interface Subscription extends ClientOptions {
  readonly type?: EventType[];
  readonly description?: string;
}

function withTypes(command: Command): Command {
  return command
    .addOption(
      new Option('--type <type...>', 'only events of these types').choices(EventType.options),
    )
    .option('--description <text>', 'what it is for');
}

function create(): Command {
  return withTypes(clientCommand('create', 'have events sent to an address'))
    .argument('<url>', 'an https address at a host of the internet')
    .addHelpText('after', '\nThe secret is told now and never again.')
    .addHelpText(
      'after',
      examples(
        'causeway webhooks create https://hooks.example.com/causeway',
        'causeway webhooks create https://hooks.example.com/failures --type run.failed run.partial',
      ),
    )
    .action(async (url: string, options: Subscription) => {
      const { type, description } = options;
      const webhook = await clientFor(options).webhooks.create({
        url,
        ...(type && { eventTypes: type }),
        ...(description !== undefined && { description }),
      });
      print(options, webhook, showWithSecret);
    });
}

function list(): Command {
  return pageCommand('list', 'list webhooks, newest first')
    .addHelpText('after', examples('causeway webhooks list'))
    .action(async (options: PageOptions) => {
      printPage(options, await clientFor(options).webhooks.list(pageQuery(options)), {
        head: ['ID', 'URL', 'TYPES', 'STATUS', 'DESCRIPTION'],
        row: (webhook) => [
          webhook.id,
          webhook.url,
          webhook.eventTypes?.join(' ') ?? 'all',
          statusOf(webhook),
          webhook.description,
        ],
        empty: 'There are no webhooks: causeway webhooks create makes one',
      });
    });
}

function get(): Command {
  return clientCommand('get', 'show a webhook')
    .argument('<id>', 'the webhook')
    .addHelpText('after', examples('causeway webhooks get whk_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).webhooks.get({ id }), show);
    });
}

interface UpdateOptions extends Subscription {
  readonly sendTo?: string;
  readonly allTypes?: boolean;
  readonly disable?: boolean;
  readonly enable?: boolean;
}

function update(): Command {
  return withTypes(clientCommand('update', 'change, disable or enable a webhook'))
    .argument('<id>', 'the webhook')
    .option('--send-to <url>', 'another address')
    .option('--all-types', 'events of all types')
    .addOption(new Option('--disable', 'send nothing').conflicts('enable'))
    .option('--enable', 'send again what happens from now on')
    .addHelpText('after', examples('causeway webhooks update whk_... --enable'))
    .action(async (id: string, options: UpdateOptions) => {
      const { type, allTypes, description, sendTo, disable, enable } = options;
      const status = disable ? 'disabled' : 'enabled';
      const webhook = await clientFor(options).webhooks.update({
        id,
        ...(type && { eventTypes: type }),
        ...(allTypes && { eventTypes: null }),
        ...(description !== undefined && { description }),
        ...(sendTo !== undefined && { url: sendTo }),
        ...((disable || enable) && { status }),
      });
      print(options, webhook, show);
    });
}

function remove(): Command {
  return clientCommand('delete', 'delete a webhook, its secrets and its messages')
    .argument('<id>', 'the webhook')
    .addHelpText('after', examples('causeway webhooks delete whk_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).webhooks.delete({ id }), show);
    });
}

function rotateSecret(): Command {
  return clientCommand('rotate-secret', 'replace the secret; both sign for a while')
    .argument('<id>', 'the webhook')
    .option('--overlap-hours <n>', 'how long the old one signs too, up to 168', wholeNumber, 24)
    .addHelpText('after', examples('causeway webhooks rotate-secret whk_... --overlap-hours 48'))
    .action(async (id: string, options: ClientOptions & { readonly overlapHours: number }) => {
      const { overlapHours } = options;
      const { webhooks } = clientFor(options);
      print(options, await webhooks.rotateSecret({ id, overlapHours }), showWithSecret);
    });
}

interface MessageOptions extends PageOptions {
  readonly state?: WebhookMessageState;
}

function messages(): Command {
  return pageCommand('messages', 'list what was sent to a webhook, and how each try ended')
    .argument('<id>', 'the webhook')
    .addOption(
      new Option('--state <state>', 'only those in one state').choices(WebhookMessageState.options),
    )
    .addHelpText('after', examples('causeway webhooks messages whk_... --state failed'))
    .action(async (id: string, options: MessageOptions) => {
      const { state } = options;
      const query = { id, ...pageQuery(options), ...(state && { state }) };
      printPage(options, await clientFor(options).webhooks.messages(query), {
        head: ['ID', 'TYPE', 'STATE', 'TRIES', 'LAST TRY', 'ANSWER', 'NEXT TRY'],
        row: cells,
        empty: 'There are no such messages',
      });
    });
}

interface ReplayOptions extends ClientOptions {
  readonly event?: string;
  readonly since?: string;
  readonly delivered?: boolean;
}

function replay(): Command {
  return clientCommand('replay', 'send events to a webhook again')
    .argument('<id>', 'the webhook')
    .addOption(new Option('--event <id>', 'one event').conflicts('since'))
    .option(
      '--since <time>',
      'what it has not received since then: 30m, 24h, 7d, a date',
      sinceTime,
    )
    .option('--delivered', 'with --since: also what it has received')
    .addHelpText(
      'after',
      examples(
        'causeway webhooks replay whk_... --event evt_...',
        'causeway webhooks replay whk_... --since 24h',
      ),
    )
    .action(async (id: string, options: ReplayOptions, command: Command) => {
      const { event, since, delivered = false } = options;
      if (event === undefined && since === undefined) {
        command.error('error: name either --event or --since');
      }
      const wanted = event === undefined ? { since, delivered } : { eventId: event };
      const replayed = await clientFor(options).webhooks.replay({ id, ...wanted });
      print(options, replayed, ({ messages: count }) => `${count} on their way`);
    });
}

function test(): Command {
  return clientCommand('test', 'send an event of type webhook.tested')
    .argument('<id>', 'the webhook')
    .addHelpText('after', examples('causeway webhooks test whk_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).webhooks.test({ id }), ({ id: message }) =>
        fields({ message, 'how it went': `causeway webhooks messages ${id}` }),
      );
    });
}

function cells({ id, type, state, attempts, nextAttemptAt }: WebhookMessage): string[] {
  const last = attempts.at(-1);
  const answer = last?.error ?? [last?.status, last?.bodyStart].filter((part) => part).join(' ');
  const tries = String(last?.number ?? 0);
  return [
    id,
    type,
    state,
    tries,
    last?.at ?? '-',
    answer.slice(0, 60) || '-',
    nextAttemptAt ?? '-',
  ];
}

function statusOf({ status, disabledBecause }: Webhook): string {
  return disabledBecause === null ? status : `${status} (${disabledBecause})`;
}

function show(webhook: Webhook): string {
  const { id, url, description, eventTypes, previousSecretUntil, createdAt } = webhook;
  const types = eventTypes?.join(' ') ?? 'all';
  const status = statusOf(webhook);
  return fields({ id, url, description, types, status, previousSecretUntil, createdAt });
}

function showWithSecret({ secret, ...webhook }: WebhookWithSecret): string {
  return `${fields({ secret })}\n${show(webhook)}\n\nGive the secret to the receiver. It is not told again.`;
}
