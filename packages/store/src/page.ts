import { CausewayError, type IdKind, idPrefixes, type Page } from '@causeway/contract';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * The id that a page begins after: ids sort by time, so the cursor of a list is
 * the last id of the page before.
 *
 * @throws CausewayError `invalid_request` when the cursor is not one of this list.
 */
export function pageStart(kind: IdKind, request: PageRequest): string | null {
  if (request.cursor === undefined) return null;
  if (new RegExp(`^${idPrefixes[kind]}_[0-9a-z]+$`).test(request.cursor)) return request.cursor;
  const message = `is not a cursor of this list: "${request.cursor}"`;
  throw new CausewayError('invalid_request', { issues: [{ path: 'cursor', message }] });
}

/** Makes a page of up to `limit` items from a query that asked for one more. */
export function toPage<T extends { id: string }>(items: T[], limit: number): Page<T> {
  const shown = items.slice(0, limit);
  return { items: shown, nextCursor: items.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
