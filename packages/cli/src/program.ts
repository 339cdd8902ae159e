import { Command } from 'commander';
import { examples } from './client-command.ts';
import { connectionsCommand } from './commands/connections.ts';
import { customersCommand } from './commands/customers.ts';
import { datasetsCommand } from './commands/datasets.ts';
import { deliveriesCommand } from './commands/deliveries.ts';
import { demoCommand } from './commands/demo.ts';
import { devCommand } from './commands/dev.ts';
import { eventsCommand } from './commands/events.ts';
import { issuerCommand } from './commands/issuer.ts';
import { migrateCommand } from './commands/migrate.ts';
import { policyCommand } from './commands/policy.ts';
import { pushCommand } from './commands/push.ts';
import { receiptCommand } from './commands/receipt.ts';
import { runsCommand } from './commands/runs.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { secretsCommand } from './commands/secrets.ts';
import { serveCommand } from './commands/serve.ts';
import { setupLinksCommand } from './commands/setup-links.ts';
import { signingKeyCommand } from './commands/signing-key.ts';
import { verifyCommand } from './commands/verify.ts';
import { webhooksCommand } from './commands/webhooks.ts';
import { workerCommand } from './commands/worker.ts';
import { exitCodes } from './exit-codes.ts';

/** The whole command line. Commands load what they start only when they run. */
export function program(): Command {
  const causeway = new Command('causeway')
    .description('The S3 layer between a software company and its customers')
    .version('0.1.0')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      examples(
        'causeway dev                                  everything on this machine, with samples',
        'causeway connections check conn_...           is the access safe, and does it work?',
        'causeway deliveries run dlv_...               deliver now',
        'causeway verify ./downloads --keys keys.json  as the receiver: is it all there, unchanged?',
      ),
    )
    .addHelpText(
      'after',
      `\nExit codes: 0 done, ${exitCodes.failed} could not be done, ${exitCodes.usage} wrong usage, ${exitCodes.notProved} done and the answer is no.`,
    );
  const commands = [
    devCommand(),
    demoCommand(),
    serveCommand(),
    workerCommand(),
    migrateCommand(),
    sandboxCommand(),
    verifyCommand(),
    receiptCommand(),
    policyCommand(),
    customersCommand(),
    connectionsCommand(),
    setupLinksCommand(),
    issuerCommand(),
    datasetsCommand(),
    pushCommand(),
    deliveriesCommand(),
    runsCommand(),
    eventsCommand(),
    webhooksCommand(),
    secretsCommand(),
    signingKeyCommand(),
  ];
  for (const command of commands) causeway.addCommand(command);
  throwInsteadOfExit(causeway);
  return causeway;
}

/** So that `main` decides on the exit code; commander sets this for each command by itself. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for the options and examples)');
  command.commands.forEach(throwInsteadOfExit);
}
