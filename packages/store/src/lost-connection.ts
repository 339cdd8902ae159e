import pg from 'pg';

/**
 * Lends a pool's clients so that a query whose connection was lost rejects with what `refuse`
 * throws, and not as if the database had refused it: whether it took effect is not known.
 */
export function tellingLosses(refuse: (error: unknown) => never) {
  const known = new WeakMap<pg.PoolClient, pg.PoolClient>();
  return (client: pg.PoolClient): pg.PoolClient => {
    const query = (...given: unknown[]) =>
      Promise.resolve(Reflect.apply(client.query, client, given)).catch((error: unknown) => {
        if (isLoss(error)) return refuse(error);
        throw error;
      });
    const told =
      known.get(client) ??
      new Proxy(client, {
        get: (target, property) => {
          if (property === 'query') return query;
          const value: unknown = Reflect.get(target, property);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    known.set(client, told);
    return told;
  };
}

/** Class 08 is "connection exception", 57P01 to 57P03 are a server that goes or comes. */
const lossState = /^(08...|57P0[123])$/;

/**
 * What PostgreSQL itself says has a severity; a bug has no code. `pg` gives the end of a
 * connection neither.
 */
function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof pg.DatabaseError) return lossState.test(code ?? '');
  return code !== undefined
    ? /^E[A-Z]+$/.test(code)
    : /^(Connection terminated|Client has encountered a connection error|Client was closed)/.test(
        error.message,
      );
}
