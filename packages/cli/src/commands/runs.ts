import { Command } from 'commander';
import { type ClientOptions, clientCommand, clientFor, print } from '../client-command.ts';
import { followRun, showRun } from '../follow-run.ts';
import { table } from '../terminal/table.ts';

/** `causeway runs list|get|follow`. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('executions of deliveries')
    .addCommand(list())
    .addCommand(get())
    .addCommand(follow());
}

function list(): Command {
  return clientCommand('list', 'list runs, newest first')
    .option('--delivery <id>', 'only those of one delivery')
    .option('--limit <n>', 'how many', Number, 50)
    .option('--cursor <cursor>', 'where the page before ended')
    .action(
      async (options: ClientOptions & { delivery?: string; limit: number; cursor?: string }) => {
        const { delivery, limit, cursor } = options;
        const page = await clientFor(options).runs.list({
          limit,
          ...(cursor && { cursor }),
          ...(delivery && { deliveryId: delivery }),
        });
        print(options, page, ({ items }) =>
          table(
            ['ID', 'DELIVERY', 'STATE', 'RECIPIENTS', 'STARTED', 'COMPLETED'],
            items.map((r) => [
              r.id,
              r.deliveryId,
              r.state,
              String(r.recipients.length),
              r.startedAt ?? '-',
              r.completedAt ?? '-',
            ]),
          ),
        );
      },
    );
}

function get(): Command {
  return clientCommand('get', 'show a run and what each customer received')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).runs.get({ id }), showRun);
    });
}

function follow(): Command {
  return clientCommand('follow', 'follow a run to its end')
    .argument('<id>')
    .action(async (id: string, options: ClientOptions) => {
      print(options, await followRun(clientFor(options), id, options), showRun);
    });
}
