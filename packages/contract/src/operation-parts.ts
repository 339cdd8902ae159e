import { oc } from '@orpc/contract';
import { z } from 'zod';
import type { ErrorCode } from './errors.ts';

/** What is said of an operation beside its route and its schemas. */
export interface OperationMeta {
  /** Codes beyond those that every operation may answer with. */
  readonly errors?: readonly ErrorCode[];
  /** Makes something: an Idempotency-Key is honoured, `by_itself` where it keeps the keys too. */
  readonly creates?: boolean | 'by_itself';
  /** The type of its body; JSON if not said, and beside lines of JSON. */
  readonly takes?: 'text/csv' | 'application/x-ndjson';
  /** Needs no API key. */
  readonly open?: boolean;
  /**
   * Possible in a setup session too: `connection` for operations whose `id` is that of
   * the connection to set up, `session` for those that know it from the session.
   */
  readonly setup?: 'connection' | 'session';
}

/** Begins an operation. */
export const operation = oc.$meta<OperationMeta>({});

/** The query of every list: newest first, by cursor. */
export const PageQuery = z.object({
  limit: z.coerce.number<number>().int().min(1).max(500).default(50),
  cursor: z.string().max(200).optional().describe('"nextCursor" of the page before'),
});
export type PageQuery = z.output<typeof PageQuery>;

/** A page of a list. */
export const page = <T extends z.ZodType>(name: string, item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id: `${name}Page` });
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** For operations on one thing. */
export const byId = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be an id, such as "cus_01jd8m2c5x"'),
});
