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
  return { code: 'engine_failed', reason: duckDbReason(error) };
}

/** DuckDB's message without the excerpt of our own SQL that follows it. */
export function duckDbReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .split(/\n+LINE \d+:/, 1)
    .join('')
    .trim();
}

/** Runs `read`, whose failures are those of the file with this name. */
export async function readingFile<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof JobError) throw error;
    const reason = duckDbReason(error);
    throw new JobError({ code: 'file_not_readable', name, reason }, { cause: error });
  }
}
