import { RunState } from '@causeway/contract';
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
} from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { followRun, followToEnd, showRun } from '../follow-run.ts';

/** `causeway runs list|get|follow|cancel|retry`. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('executions of deliveries')
    .addCommand(list())
    .addCommand(get())
    .addCommand(follow())
    .addCommand(cancel())
    .addCommand(retry());
}

interface Filters {
  readonly delivery?: string;
  readonly customer?: string;
  readonly state?: RunState;
}

function list(): Command {
  return pageCommand('list', 'list runs, newest first')
    .option('--delivery <id>', 'only those of one delivery')
    .option('--customer <id>', 'only those that a customer has a part in')
    .addOption(
      new Option('--state <state>', 'only those in one state, as a whole').choices(
        RunState.options,
      ),
    )
    .addHelpText('after', examples('causeway runs list --customer cus_... --state failed'))
    .action(async (options: PageOptions & Filters) => {
      const { delivery, customer, state } = options;
      const isFiltered = [delivery, customer, state].some((value) => value !== undefined);
      const query = {
        ...pageQuery(options),
        ...(delivery !== undefined && { deliveryId: delivery }),
        ...(customer !== undefined && { customerId: customer }),
        ...(state !== undefined && { state }),
      };
      printPage(options, await clientFor(options).runs.list(query), {
        head: ['ID', 'DELIVERY', 'STATE', 'RECIPIENTS', 'STARTED', 'COMPLETED'],
        row: (r) => [
          r.id,
          r.deliveryId,
          r.state,
          String(r.recipients.length),
          r.startedAt ?? '-',
          r.completedAt ?? '-',
        ],
        empty: isFiltered
          ? 'There are no such runs'
          : 'There are no runs: causeway deliveries run makes one',
      });
    });
}

function get(): Command {
  return clientCommand('get', 'show a run and what each customer received')
    .argument('<id>', 'the run')
    .addHelpText('after', examples('causeway runs get run_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).runs.get({ id }), showRun);
    });
}

function follow(): Command {
  return clientCommand('follow', 'follow a run to its end')
    .argument('<id>', 'the run')
    .addHelpText('after', examples('causeway runs follow run_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await followRun(clientFor(options), id, options), showRun);
    });
}

interface EndOptions extends ClientOptions {
  readonly detach?: boolean;
}

function cancel(): Command {
  return clientCommand('cancel', 'end a run; who is served at this moment is served')
    .argument('<id>', 'the run')
    .option('--detach', 'do not wait for the end')
    .addHelpText('after', examples('causeway runs cancel run_...'))
    .action(async (id: string, options: EndOptions) => {
      const client = clientFor(options);
      const asked = await client.runs.cancel({ id });
      if (options.detach) return print(options, asked, showRun);
      const ended = await followToEnd(client, id, options);
      if (ended.state !== 'cancelled') process.exitCode = exitCodes.failed;
      print(options, ended, showRun);
    });
}

function retry(): Command {
  return clientCommand('retry', 'do again what failed of a run, and follow that to its end')
    .argument('<id>', 'the run')
    .option('--detach', 'do not wait for the end')
    .addHelpText('after', examples('causeway runs retry run_...'))
    .action(async (id: string, options: EndOptions) => {
      const client = clientFor(options);
      const started = await client.runs.retry({ id });
      const ended = options.detach ? started : await followRun(client, started.id, options);
      print(options, ended, showRun);
    });
}
