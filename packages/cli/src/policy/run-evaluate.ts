import { once } from 'node:events';
import { type Decision, evaluateCase } from '@causeway/policy';
import { exitCodes } from '../exit-codes.ts';
import { readJsonInput } from '../read-input.ts';
import { style } from '../terminal/style.ts';
import { printable, toJson } from '../terminal/table.ts';
import { evaluateLines } from './evaluate-lines.ts';

export interface EvaluateOptions {
  readonly json?: boolean;
  readonly failOnDeny?: boolean;
}

/** Decides one case and prints the decision. */
export async function runEvaluate(path: string, options: EvaluateOptions): Promise<void> {
  const decision = evaluateCase(await readJsonInput(path));
  console.log(options.json ? toJson(decision) : showDecision(decision));
  if (options.failOnDeny && decision.decision !== 'allowed') {
    process.exitCode = exitCodes.notProved;
  }
}

/** Decides one case a line of standard input. */
export async function runEvaluateLines(options: EvaluateOptions): Promise<void> {
  process.stdin.setEncoding('utf8');
  // Whoever reads may have seen enough: `| head` is no failure.
  const gone = new AbortController();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    gone.abort();
    process.stdin.destroy();
  });
  const write = async (text: string) => {
    if (gone.signal.aborted || process.stdout.write(text)) return;
    await once(process.stdout, 'drain', { signal: gone.signal }).catch(() => {});
  };
  const report = await evaluateLines(untilGone(gone.signal), write);
  if (report.malformed > 0) {
    const verb = report.malformed === 1 ? 'holds' : 'hold';
    console.error(
      `${report.malformed} of ${report.lines} lines ${verb} no case: see "error" there`,
    );
    process.exitCode = exitCodes.failed;
  } else if (options.failOnDeny && report.refused > 0) {
    process.exitCode = exitCodes.notProved;
  }
}

async function* untilGone(signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const chunk of process.stdin) yield String(chunk);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function showDecision({ decision, because, statements }: Omit<Decision, 'deniedBy'>): string {
  const cited = statements.map(
    ({ effect, policy, sid }) =>
      `  ${effect} by ${sid === null ? 'a statement' : `statement "${sid}"`} of ${policy}`,
  );
  return [verdictOf(decision), printable(because), ...cited.map(printable)].join('\n');
}

/** The decision in words, for people. */
export function verdictOf(decision: Decision['decision']): string {
  return style(decision === 'allowed' ? 'green' : 'red', words[decision]);
}

const words: Readonly<Record<Decision['decision'], string>> = {
  allowed: 'allowed',
  implicit_deny: 'refused: nothing allows it',
  explicit_deny: 'refused: a policy denies it',
};
