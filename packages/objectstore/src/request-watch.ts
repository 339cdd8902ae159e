/** A request as it is sent. `isRetry`: it repeats one that had failed. */
export interface SentRequest {
  readonly service: 's3' | 'sts';
  readonly isRetry: boolean;
}

/** Told of every request, whatever comes of it. */
export type RequestWatch = (request: SentRequest) => void;
