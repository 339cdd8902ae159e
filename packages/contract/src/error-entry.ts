/** Whether the same request may succeed later: `never`, `after_fix` (somebody must change something), `later`. */
export type Retry = 'never' | 'after_fix' | 'later';

export interface ErrorEntry {
  readonly status: number;
  readonly retry: Retry;
  // biome-ignore lint/suspicious/noExplicitAny: each entry names its own details; CausewayError types them by code
  readonly message: (details: any) => string;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly hint: (details: any) => string;
}
