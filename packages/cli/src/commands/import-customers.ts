import type { CustomerImport, ImportedLine } from '@causeway/contract';
import type { Command } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { readInputFile } from '../read-input.ts';
import { printable, table } from '../terminal/table.ts';

/** `causeway customers import`. */
export function importCommand(): Command {
  return clientCommand('import', 'create and change many customers from a CSV file')
    .argument(
      '<file>',
      'columns reference, name and any others, which are properties; - for standard input',
    )
    .option('--dry-run', 'only say what would become of each line')
    .addHelpText(
      'after',
      `\nThe columns role_arn, account_id, bucket_name, prefix and region fill in what new connections leave out.\nAn empty cell changes nothing.\n\nExits with ${exitCodes.notProved} if a line was refused; the others are imported all the same.`,
    )
    .addHelpText(
      'after',
      examples(
        'causeway customers import customers.csv --dry-run',
        'causeway customers import customers.csv',
      ),
    )
    .action(async (file: string, options: ClientOptions & { dryRun?: true }) => {
      const body = new File([await readInputFile(file)], 'customers.csv', { type: 'text/csv' });
      const query = { dryRun: options.dryRun ?? false };
      const report = await clientFor(options).customers.import({ query, body });
      print(options, report, show);
      if (report.refused > 0) process.exitCode = exitCodes.notProved;
    });
}

/** What was left as it was is only counted. */
function show(report: CustomerImport): string {
  const told = report.lines.filter(({ outcome }) => outcome !== 'unchanged');
  const rows = told.map((line) => [
    String(line.line),
    line.reference ?? '-',
    line.outcome,
    line.customerId ?? '-',
  ]);
  const refused = told.flatMap(faultOf);
  return [
    ...(rows.length > 0 ? [table(['LINE', 'REFERENCE', 'OUTCOME', 'CUSTOMER'], rows)] : []),
    ...(refused.length > 0 ? [refused.join('\n')] : []),
    summary(report),
  ].join('\n\n');
}

function faultOf({ line, error }: ImportedLine): string[] {
  if (error === null) return [];
  return [`line ${line}: ${printable(error.message)}`, `  ${printable(error.hint)}`];
}

function summary({ created, updated, unchanged, refused, dryRun }: CustomerImport): string {
  const counts = `${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`;
  return dryRun ? `${counts}: a dry run, nothing was kept` : counts;
}
