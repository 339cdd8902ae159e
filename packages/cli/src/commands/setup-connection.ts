import { type SetupGuide, type SetupRendering, SetupTool } from '@causeway/contract';
import { type Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';
import { style } from '../terminal/style.ts';
import { fields, printable, toJson } from '../terminal/table.ts';

/** `causeway connections setup <id>`: the guide, or a file of it for one tool. */
export function setupCommand(): Command {
  return clientCommand('setup', "show what the customer's administrator must create")
    .argument('<id>', 'the connection')
    .addOption(
      new Option('--tool <tool>', 'write it for a tool, to be kept as a file').choices(
        SetupTool.options,
      ),
    )
    .addHelpText(
      'after',
      examples(
        'causeway connections setup conn_...',
        'causeway connections setup conn_... --tool cli > causeway-setup.sh',
        'causeway connections setup conn_... --tool cloudformation --json',
        'causeway connections setup conn_... --tool message',
      ),
    )
    .action(async (id: string, options: ClientOptions & { tool?: SetupTool }) => {
      const { connections } = clientFor(options);
      const { tool } = options;
      if (tool === undefined) {
        print(options, await connections.setupGuide({ id }), showGuide);
      } else {
        showRendering(await connections.setup({ id, tool }), options);
      }
    });
}

/** The file goes to where it is redirected; what is said about it goes to the terminal. */
function showRendering(rendering: SetupRendering, { json = false }: ClientOptions): void {
  if (json) {
    console.log(toJson(rendering));
    return;
  }
  process.stdout.write(rendering.content);
  for (const note of rendering.notes) console.error(printable(note));
  if (rendering.launchUrl !== null) console.error(`Opens CloudFormation: ${rendering.launchUrl}`);
}

const missingWords = { location: 'the bucket', accountId: 'the AWS account' };

/** The setup for a person with the AWS console or command line. */
function showGuide(guide: SetupGuide): string {
  const facts = fields(Object.fromEntries(guide.values.map(({ label, value }) => [label, value])));
  if (guide.missing.length > 0) {
    const missing = guide.missing.map((name) => missingWords[name]).join(' and ');
    return `${facts}\n\nNot known yet: ${missing}. There is nothing to set up until it is`;
  }
  return [
    facts,
    '',
    ...guide.documents
      .filter(({ side }) => side === 'customer')
      .flatMap(({ name, purpose, document }) => [
        style('bold', printable(`${name}: ${purpose}`)),
        toJson(document),
        '',
      ]),
    style('bold', 'Steps'),
    ...guide.steps.map(
      (step, i) =>
        `${i + 1}. ${printable(step.title)}: ${step.service} ${step.operation}${step.skipWhen ? ` (not when ${step.skipWhen})` : ''}`,
    ),
    '',
    `As a file for a tool: --tool ${SetupTool.options.join('|')}`,
    `When that is done: causeway connections check ${printable(guide.connectionId)} --wait 60`,
  ].join('\n');
}
