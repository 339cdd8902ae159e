import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Styles text where the stream is a terminal that wants it (`NO_COLOR` is honoured). */
export function style(
  name: Style,
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return styleText(name, text, { stream, validateStream: true });
}

/** The sign of a verdict: readable without colour. */
export function verdictMark(verdict: 'passed' | 'failed' | 'warned' | 'skipped'): string {
  switch (verdict) {
    case 'passed':
      return style('green', '✓');
    case 'failed':
      return style('red', '✗');
    case 'warned':
      return style('yellow', '!');
    case 'skipped':
      return style('dim', '·');
  }
}
