import type { JobFailure } from '../protocol.ts';

/** A failure whose cause is known, on its way to the parent. */
export class JobError extends Error {
  readonly failure: JobFailure;

  constructor(failure: JobFailure, options?: { readonly cause?: unknown }) {
    super(failure.code, options);
    this.name = 'JobError';
    this.failure = failure;
  }
}

export function toJobFailure(error: unknown): JobFailure {
  if (error instanceof JobError) return error.failure;
  return { code: 'engine_failed', reason: withoutAdvice(duckDbReason(error)) };
}

/** DuckDB's message without the excerpt of our own SQL that follows it. */
export function duckDbReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .split(/\n+LINE \d+:/, 1)
    .join('')
    .trim();
}

/** Without what DuckDB advises, which names settings of its own. */
function withoutAdvice(reason: string): string {
  return reason.split(/\n+Possible solutions:/, 1).join('');
}

/**
 * Of what DuckDB says of a line of CSV or JSON: where, and what is wrong; not the line itself, nor its
 * advice, which names options of DuckDB. Other words come back as they are.
 */
export function lineReason(reason: string): string {
  const csv =
    /CSV Error on Line: (\d+)\n(?:Original Line:[\s\S]*?\n)??((?:Error when|Expected Number|Value with|Quote|Unterminated|Maximum line|Invalid|The |Could )[\s\S]*?)(?:\n\n|\nPossible |\nColumn |$)/.exec(
      reason,
    );
  if (csv) return `line ${csv[1]}: ${sentence(csv[2] ?? '')}`;
  if (/^Invalid Input Error: Error when sniffing file/.test(reason)) {
    return 'its lines do not fit the delimiter, quote and header that they are read with';
  }
  return sentence(reason.replace(/\n\s*Try setting [\s\S]*$/, ''));
}

function sentence(text: string): string {
  const plain = text.replace(/^(Invalid Input|Conversion|Binder|IO) Error: /, '');
  return plain.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}

/** Runs `read`, whose failures are those of the file with this name. */
export async function readingFile<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JobError) throw error;
    const reason = lineReason(duckDbReason(error));
    throw new JobError({ code: 'file_not_readable', name, reason }, { cause: error });
  }
}
