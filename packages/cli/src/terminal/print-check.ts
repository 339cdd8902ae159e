import type { CheckReport, CheckStep } from '@causeway/contract';
import { style, verdictMark } from './style.ts';
import { formatDuration, printable } from './table.ts';

/** A check as people read it: a line a step, and under each fault whose turn it is and what to do. */
export function printCheck(report: CheckReport, indent = ''): string {
  const lines = report.steps.flatMap((step) => stepLines(step));
  return lines.map((line) => indent + line).join('\n');
}

function stepLines(step: CheckStep): string[] {
  const took = style('dim', formatDuration(step.durationMs));
  const lines = [`${verdictMark(step.verdict)} ${printable(step.title)}  ${took}`];
  if (step.verdict === 'passed') return lines;
  lines.push(`    ${printable(step.message)}`);
  if (step.verdict === 'skipped') return lines;
  if (step.causes && step.causes.length > 1) {
    lines.push('    most likely first:');
    lines.push(...step.causes.map(({ text }, i) => `      ${i + 1}. ${printable(text)}`));
  }
  if (step.fix)
    lines.push(
      `    ${style('bold', 'fix')} (${step.side ?? 'customer'}): ${printable(step.fix.text)}`,
    );
  for (const note of step.notes ?? []) lines.push(`    ${printable(note)}`);
  const { evidence } = step;
  if (evidence?.requestId) {
    const answer = `${evidence.operation} answered ${evidence.code ?? evidence.status}, request ${evidence.requestId}`;
    lines.push(style('dim', `    ${printable(answer)}`));
  }
  return lines;
}
