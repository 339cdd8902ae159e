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
