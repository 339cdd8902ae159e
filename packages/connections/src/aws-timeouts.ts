/** How long an answer of AWS is waited for. */
export interface AwsTimeouts {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  /** Unless told so, the SDK only warns of a request that takes longer, and goes on waiting. */
  readonly throwOnRequestTimeout: true;
}

/** Somebody waits for the answer: an endpoint that is silent is one that cannot be reached. */
export const awsTimeouts: AwsTimeouts = {
  connectionTimeout: 5_000,
  requestTimeout: 15_000,
  throwOnRequestTimeout: true,
};
