import type { Diagnosis, PastedPolicies } from '@causeway/contract';
import type { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { readInput } from '../read-input.ts';
import { style } from '../terminal/style.ts';
import { printable, toJson } from '../terminal/table.ts';

interface DiagnoseOptions extends ClientOptions {
  readonly trustPolicy?: string;
  readonly permissionsPolicy?: readonly string[];
  readonly bucketPolicy?: string;
  readonly keyPolicy?: string;
  readonly keyArn?: string;
  readonly permissionsBoundary?: string;
}

/** `causeway connections diagnose`. */
export function diagnoseCommand(): Command {
  return clientCommand('diagnose', "say what a customer's policies will do, without asking AWS")
    .argument('<id>', 'the connection')
    .option('--trust-policy <file>', 'of the role; "-" reads standard input')
    .option('--permissions-policy <file...>', 'of the role or user; give all that it has')
    .option('--bucket-policy <file>', 'of the bucket')
    .option('--key-policy <file>', 'of the key that encrypts the bucket, with --key-arn')
    .option('--key-arn <arn>', 'of that key')
    .option('--permissions-boundary <file>', 'of the role or user')
    .addHelpText(
      'after',
      `\nPolicies that are not given count as the setup guide has them. Exits with ${exitCodes.notProved} unless everything holds.`,
    )
    .addHelpText(
      'after',
      examples(
        'causeway connections diagnose conn_... --trust-policy trust.json --permissions-policy role.json',
        'aws s3api get-bucket-policy --bucket acme-data --query Policy --output text | causeway connections diagnose conn_... --bucket-policy -',
      ),
    )
    .action(async (id: string, options: DiagnoseOptions) => {
      const pasted = await readPolicies(options);
      const diagnosis = await clientFor(options).connections.diagnose({ id, ...pasted });
      print(options, diagnosis, showDiagnosis);
      if (diagnosis.verdict !== 'works') process.exitCode = exitCodes.notProved;
    });
}

async function readPolicies(options: DiagnoseOptions): Promise<PastedPolicies> {
  const { trustPolicy, permissionsPolicy, bucketPolicy, keyPolicy, keyArn } = options;
  const { permissionsBoundary } = options;
  return {
    ...(trustPolicy !== undefined && { trustPolicy: await readInput(trustPolicy) }),
    ...(permissionsPolicy && {
      permissionsPolicies: await Promise.all(permissionsPolicy.map((file) => readInput(file))),
    }),
    ...(bucketPolicy !== undefined && { bucketPolicy: await readInput(bucketPolicy) }),
    ...(keyPolicy !== undefined && { keyPolicy: await readInput(keyPolicy) }),
    ...(keyArn !== undefined && { keyArn }),
    ...(permissionsBoundary !== undefined && {
      permissionsBoundary: await readInput(permissionsBoundary),
    }),
  };
}

const conclusions: Readonly<Record<Diagnosis['verdict'], string>> = {
  works: 'These policies will do; a check proves it',
  broken: 'With these policies the connection will not work',
  insecure: 'With these policies others than Causeway get in as well',
};

/** What is wrong in the documents, then each thing that must be allowed or refused. */
export function showDiagnosis({ documents, demands, assumed, verdict }: Diagnosis): string {
  const findings = documents.flatMap(({ document, findings: found }) =>
    found.flatMap(({ severity, path, line, column, message, fix }) => {
      const place = line === undefined ? path : `${path} (line ${line}, column ${column})`;
      return [
        `${severity} in ${document} at ${printable(place)}: ${printable(message)}`,
        `    ${style('bold', 'fix')}: ${printable(fix)}`,
      ];
    }),
  );
  const judged = demands.flatMap(({ what, must, holds, because, fixes, advice }) => {
    const mark = holds ? style('green', '✓') : style('red', '✗');
    const line = `${mark} ${must === 'allow' ? 'may' : 'refused'}: ${printable(what)}`;
    if (holds) return [line];
    return [
      line,
      `    ${printable(because)}`,
      ...fixes.flatMap((fix) => [
        `    ${style('bold', 'fix')} (${fix.document}): ${printable(fix.text)}`,
        ...toJson(fix.policy)
          .split('\n')
          .map((text) => `      ${printable(text)}`),
      ]),
      ...(advice === undefined ? [] : [`    ${style('bold', 'advice')}: ${printable(advice)}`]),
    ];
  });
  return [
    ...findings,
    ...(findings.length > 0 ? [''] : []),
    ...judged,
    '',
    ...assumed.map((text) => style('dim', `Taken for granted: ${printable(text)}`)),
    conclusions[verdict],
  ].join('\n');
}
