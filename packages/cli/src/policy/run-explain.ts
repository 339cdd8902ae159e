import { type Change, type Explanation, explainCase, type Reason } from '@causeway/policy';
import { exitCodes } from '../exit-codes.ts';
import { readJsonInput } from '../read-input.ts';
import { style, verdictMark } from '../terminal/style.ts';
import { printable, toJson } from '../terminal/table.ts';
import { verdictOf } from './run-evaluate.ts';

export interface ExplainOptions {
  readonly json?: boolean;
  readonly failOnDeny?: boolean;
}

/** Explains one case and prints the explanation. */
export async function runExplain(path: string, options: ExplainOptions): Promise<void> {
  const explanation = explainCase(await readJsonInput(path));
  console.log(options.json ? toJson(explanation) : showExplanation(explanation));
  if (options.failOnDeny && explanation.decision !== 'allowed') {
    process.exitCode = exitCodes.notProved;
  }
}

/** An explanation as people read it: the verdict, a line for each type of policy, the change. */
function showExplanation(explanation: Explanation): string {
  const { decision, because, reasons, change } = explanation;
  return [
    verdictOf(decision),
    printable(because),
    '',
    ...reasons.map(showReason),
    ...(change ? ['', ...showChange(change)] : []),
  ].join('\n');
}

const marks = { allows: 'passed', denies: 'failed', nothing: 'skipped' } as const;

function showReason({ type, level, says, sentence }: Reason): string {
  const name = level === undefined ? type : `${type}, level ${level}`;
  return `${verdictMark(marks[says])} ${style('bold', name)}: ${printable(sentence)}`;
}

const titles: Readonly<Record<Change['of'], string>> = {
  policies: 'The smallest change',
  request: 'What must change is the request',
  both: 'The smallest change, of the policies and of the request',
  nothing: 'No change is proposed',
};

function showChange({ of, text, edits, unchanged }: Change): string[] {
  const patches = edits.map(
    ({ document, patch }) => `Patch of ${printable(document)} (RFC 6902)\n${toJson(patch)}`,
  );
  const proved =
    unchanged.length === 0
      ? []
      : [
          `Proved: with it the request is allowed, and ${unchanged.length} requests around it are decided as before (--json names them).`,
        ];
  return [`${style('bold', titles[of])}: ${printable(text)}`, ...patches, ...proved];
}
