import type { WriteOptions } from '@causeway/contract';
import type { RequestTime } from './request-deadline.ts';
import type { RequestWatch } from './request-watch.ts';
import type { S3ClientOptions } from './s3-client.ts';

export interface S3StoreOptions extends S3ClientOptions {
  readonly bucket: string;
  /** Ends every call of this store. */
  readonly signal?: AbortSignal;
  /**
   * How long one call may be tried again after failures that pass, 60 s by default.
   * An attempt begun within it is not cut short.
   */
  readonly retryBudgetMs?: number;
  /** How long one attempt may take, though bytes move. */
  readonly requestTime?: RequestTime;
  readonly onRequest?: RequestWatch;
  /** How objects are written; by default the bucket decides. */
  readonly writeOptions?: WriteOptions;
}
