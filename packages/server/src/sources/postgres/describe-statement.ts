import type { Connection, FieldDef, Submittable } from 'pg';
import type { PostgresSession } from './postgres-session.ts';

/** What a statement would give, found out without running it. */
export interface DescribedStatement {
  /** Null: it gives no rows. */
  readonly fields: readonly FieldDef[] | null;
  /** How many `$1`, `$2` it has. */
  readonly parameters: number;
}

/**
 * Has PostgreSQL parse and analyse a statement. By the extended protocol, which takes one
 * statement and refuses a text of several.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 *
 * @throws DatabaseError as PostgreSQL says it.
 */
export function describeStatement(
  { client }: Pick<PostgresSession, 'client'>,
  text: string,
): Promise<DescribedStatement> {
  return new Promise((resolve, reject) => {
    client.query(new DescribeQuery(text, resolve, reject));
  });
}

/** What `pg` hands on to the query that it has in hand. */
class DescribeQuery implements Submittable {
  readonly #text: string;
  readonly #resolve: (described: DescribedStatement) => void;
  readonly #reject: (error: Error) => void;
  #fields: readonly FieldDef[] | null = null;
  #parameters = 0;
  #failure: Error | undefined;

  constructor(
    text: string,
    resolve: (described: DescribedStatement) => void,
    reject: (error: Error) => void,
  ) {
    this.#text = text;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.once('parameterDescription', this.#takeParameters);
    connection.parse({ name: '', text: this.#text, types: [] }, true);
    connection.describe({ type: 'S', name: '' }, true);
    connection.sync();
  }

  readonly #takeParameters = (message: { readonly parameterCount: number }) => {
    this.#parameters = message.parameterCount;
  };

  handleRowDescription(message: { readonly fields: readonly FieldDef[] }): void {
    this.#fields = message.fields;
  }

  handleError(error: Error, connection?: Connection): void {
    this.#failure = error;
    connection?.removeListener('parameterDescription', this.#takeParameters);
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    if (!this.#failure) this.#resolve({ fields: this.#fields, parameters: this.#parameters });
  }
}
