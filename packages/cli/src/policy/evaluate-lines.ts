import { cachingParser, evaluateCase, PolicySyntaxError } from '@causeway/policy';

/** A longer line is answered by an error and never held in memory as a whole. */
const longestLine = 4 * 1024 * 1024;

export interface LinesReport {
  readonly lines: number;
  readonly malformed: number;
  /** Decisions other than "allowed". */
  readonly refused: number;
}

/**
 * Decides one case a line, in their order, and writes one JSON object for each: the
 * decision, or `{"error":{...},"line":N}` where a line holds no case, after which it
 * goes on. Empty lines are skipped.
 *
 * It reads no further than what is written has been taken, so that a million lines
 * need no more memory than a few. Policies that occur again are parsed once.
 *
 * @param chunks Text; lines may be cut anywhere.
 * @param write Resolves when more may be written.
 */
export async function evaluateLines(
  chunks: AsyncIterable<string>,
  write: (text: string) => Promise<void>,
): Promise<LinesReport> {
  const parse = cachingParser();
  const report = { lines: 0, malformed: 0, refused: 0 };
  let number = 0;
  const answer = (line: string): string => {
    number += 1;
    if (line.trim() === '') return '';
    report.lines += 1;
    try {
      if (line.length > longestLine) throw new LineTooLong(line.length);
      const decision = evaluateCase(JSON.parse(line), { parse });
      if (decision.decision !== 'allowed') report.refused += 1;
      return `${JSON.stringify(decision)}\n`;
    } catch (error) {
      report.malformed += 1;
      return `${JSON.stringify({ error: describe(error), line: number })}\n`;
    }
  };
  for await (const lines of wholeLines(chunks)) {
    const answers = lines.map(answer).join('');
    if (answers !== '') await write(answers);
  }
  return report;
}

/** Cuts a stream into lines, a chunk's worth at a time. Of a line that is too long it keeps the start. */
async function* wholeLines(chunks: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) rest = rest.slice(0, longestLine + 1);
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}

class LineTooLong extends Error {
  constructor(found: number) {
    super(`found a line of ${found} characters or more, and at most ${longestLine} are read`);
  }
}

function describe(error: unknown): { code: string; message: string; path?: string } {
  if (error instanceof PolicySyntaxError) {
    return { code: error.code, message: error.message, path: error.path };
  }
  if (error instanceof SyntaxError) return { code: 'malformed_json', message: error.message };
  if (error instanceof LineTooLong) return { code: 'line_too_long', message: error.message };
  throw error;
}
