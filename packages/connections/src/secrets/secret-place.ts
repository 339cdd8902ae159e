/** Where a secret belongs. Those of the operator itself have no customer and no connection. */
export interface SecretPlace {
  readonly customerId: string | null;
  readonly connectionId: string | null;
  /** Which one of that connection, such as `access_key/ak_01jd8m2c5x`. */
  readonly field: string;
}

/**
 * What a ciphertext is bound to: moved to another row, or put back after it was
 * replaced, it does not open.
 */
export interface SecretBinding extends SecretPlace {
  /** Made anew each time a secret is written. */
  readonly version: string;
}
