import type { Window } from '@causeway/contract';

/**
 * Only rows whose cursor column lies in `[from, to)`, to the microsecond; a column
 * without a time zone is taken as UTC, a date as its midnight. NULL lies in no window.
 */
export type CursorWindow = { readonly cursorColumn: string } & Window;
