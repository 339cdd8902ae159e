import { type Finding, type LintOptions, lint } from '@causeway/policy';
import { exitCodes } from '../exit-codes.ts';
import { readInput } from '../read-input.ts';
import { style } from '../terminal/style.ts';
import { printable, toJson } from '../terminal/table.ts';

export interface RunLintOptions extends Omit<LintOptions, 'name'> {
  readonly json?: boolean;
}

/** Prints what is wrong with a document. Sets the exit code if anything is an error. */
export async function runLint(path: string, options: RunLintOptions): Promise<void> {
  const { type, context = {} } = options;
  const name = path === '-' ? 'standard input' : path;
  const findings = lint(await readInput(path), { name, type, context });
  console.log(options.json ? toJson(findings) : showFindings(name, findings));
  if (findings.some(({ severity }) => severity === 'error')) process.exitCode = exitCodes.notProved;
}

/** Findings as compilers write them, so that editors can jump to the place. */
function showFindings(name: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return `${printable(name)}: nothing to say`;
  const shown = findings.map((finding) => {
    const { line = 1, column = 1, severity, code, message, reason, fix } = finding;
    const place = printable(`${name}:${line}:${column}`);
    const kind = style(severity === 'error' ? 'red' : 'yellow', severity);
    return `${place}: ${kind} ${code}: ${printable(message)}\n  ${printable(reason)}\n  ${printable(fix)}`;
  });
  return shown.join('\n');
}
