import type { LintContext, PolicyKind } from '@causeway/policy';
import { Command, Option } from 'commander';
import { examples } from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { generateCommand } from './policy-generate.ts';

/** `causeway policy generate|evaluate|explain|lint`: everything offline. */
export function policyCommand(): Command {
  return new Command('policy')
    .description('write, evaluate, explain and check IAM documents, offline')
    .addCommand(generateCommand())
    .addCommand(evaluate())
    .addCommand(explain())
    .addCommand(lint());
}

interface EvaluateFlags {
  readonly jsonl?: boolean;
  readonly json?: boolean;
  readonly failOnDeny?: boolean;
}

function evaluate(): Command {
  return new Command('evaluate')
    .description('decide a request by the policies that apply to it, as AWS would')
    .argument('[case]', 'a file with the case as JSON (- or nothing: standard input)', '-')
    .option('--jsonl', 'read one case a line from standard input and write one decision a line')
    .option('--fail-on-deny', `exit with ${exitCodes.notProved} if a request is not allowed`)
    .option('--json', 'print JSON')
    .addHelpText('after', caseHelp)
    .addHelpText(
      'after',
      examples(
        'causeway policy evaluate case.json',
        'causeway policy evaluate --jsonl < cases.jsonl > decisions.jsonl',
        'causeway policy evaluate --fail-on-deny case.json && echo "it may"',
      ),
    )
    .action(async (path: string, flags: EvaluateFlags, command: Command) => {
      if (flags.jsonl && path !== '-') {
        command.error('error: --jsonl reads standard input: write "< file"');
      }
      const { runEvaluate, runEvaluateLines } = await import('../policy/run-evaluate.ts');
      await (flags.jsonl ? runEvaluateLines(flags) : runEvaluate(path, flags));
    });
}

const caseHelp = `
A case is {"request": {"principal", "action", "resource", "resourceAccount", "context"},
"identityPolicies": [], "resourcePolicy", "sessionPolicies": [], "permissionsBoundary",
"serviceControlPolicies": [[]], "resourceControlPolicies": [[]], "vpcEndpointPolicies": [], "s3"};
what is absent is not attached. For sts:AssumeRole the resource policy is the trust policy.

Exits with 0 when the request was decided, whatever the decision, and with ${exitCodes.failed} if a case is
malformed; with --jsonl the stream goes on after such a line.`;

function explain(): Command {
  return new Command('explain')
    .description(
      'say why a request is allowed or refused, and the smallest change that would allow it',
    )
    .argument('[case]', 'a file with the case as JSON (- or nothing: standard input)', '-')
    .option('--fail-on-deny', `exit with ${exitCodes.notProved} if the request is not allowed`)
    .option('--json', 'print JSON, with the requests that the change was proved by')
    .addHelpText('after', caseHelp)
    .addHelpText('after', examples('causeway policy explain case.json'))
    .action(async (path: string, flags: EvaluateFlags) => {
      const { runExplain } = await import('../policy/run-explain.ts');
      await runExplain(path, flags);
    });
}

interface LintFlags {
  readonly type: PolicyKind;
  readonly bucket?: string;
  readonly prefix?: string;
  readonly externalId?: string;
  readonly kmsKey?: string;
  readonly capability?: LintContext['capability'] & string;
  readonly account?: string;
  readonly json?: boolean;
}

const policyKinds = [
  'identity',
  'resource',
  'trust',
  'session',
  'boundary',
  'service-control',
  'resource-control',
  'endpoint',
  'key',
] as const satisfies readonly PolicyKind[];

function lint(): Command {
  return new Command('lint')
    .description('find what AWS takes and what still goes wrong in a policy')
    .argument('[file]', 'the policy as JSON (- or nothing: standard input)', '-')
    .addOption(
      new Option('--type <kind>', 'what the policy is attached as')
        .choices(policyKinds)
        .makeOptionMandatory(),
    )
    .option('--bucket <name>', 'the bucket that it is for')
    .option('--prefix <folder/>', 'the folder that it is for')
    .option('--external-id <id>', 'the external ID that a trust policy must demand')
    .option('--kms-key <arn>', 'the KMS key that encrypts the bucket')
    .addOption(
      new Option('--capability <name>', 'what the connection is for').choices([
        'deliver',
        'ingest',
        'browse',
      ]),
    )
    .option('--account <id>', 'the account that has the policy')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nPrints file:line:column for each finding. Exits with ${exitCodes.notProved} if any of them is an error.`,
    )
    .addHelpText(
      'after',
      examples(
        'causeway policy lint trust.json --type trust --external-id cw-...',
        'causeway policy lint role.json --type identity --bucket acme-data --prefix causeway/ --capability deliver',
      ),
    )
    .action(async (path: string, { type, json, kmsKey, account, ...known }: LintFlags) => {
      const { runLint } = await import('../policy/run-lint.ts');
      const context = {
        ...known,
        ...(kmsKey !== undefined && { kmsKeyArn: kmsKey }),
        ...(account !== undefined && { accountId: account }),
      };
      await runLint(path, { type, context, ...(json !== undefined && { json }) });
    });
}
