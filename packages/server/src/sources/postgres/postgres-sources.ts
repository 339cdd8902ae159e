import type { SecretVault } from '@causeway/connections';
import { nameOfPostgres, type PostgresSource } from '@causeway/contract';
import type { NeededRows, OpenSource } from '@causeway/delivery';
import type { EngineSource, InputStream } from '@causeway/engine';
import type { SourceKind } from '../source-kind.ts';
import { copyOut } from './copy-out.ts';
import { datasetPasswordPlace } from './password-place.ts';
import { withoutPassword } from './postgres-address.ts';
import { postgresFailure } from './postgres-failure.ts';
import { columnsOf, copiedCsv, copyStatement, csvCopy } from './postgres-select.ts';
import { openPostgres, type PostgresLogin } from './postgres-session.ts';
import { type PostgresRelation, readCatalogue } from './read-catalogue.ts';

/**
 * Tables and queries of PostgreSQL, whose rows are streamed by `COPY`: they are never in a
 * table of ours or on disk.
 *
 * A source that is open holds a transaction, so that all that a run reads of it, in however
 * many scans, is as of one moment. Which it was nobody could tell from the rows, so there is
 * no version: each run of a full delivery sends them anew.
 *
 * Any host may be named, private ones above all: who may make datasets runs this server's
 * sources. What the role may do is for its grants to say; that the transaction is read-only
 * keeps out writes to tables, and not functions that act otherwise.
 */
export function postgresSources(secrets: Pick<SecretVault, 'read'>): SourceKind<PostgresSource> {
  const loginOf = async (given: PostgresSource, id: string | undefined): Promise<PostgresLogin> => {
    const { source, password } = withoutPassword(given);
    const kept = password === null && id !== undefined;
    return {
      source,
      password: kept ? await secrets.read(datasetPasswordPlace(id, source)) : password,
    };
  };
  return {
    async settle(source, signal) {
      signal?.throwIfAborted();
      const session = await openPostgres(await loginOf(source, undefined));
      try {
        const { table } = await readCatalogue(session, source);
        return { ...source, ...(table !== null && { table }) };
      } finally {
        await session.close();
      }
    },
    version: async () => null,
    open: async (dataset, signal) =>
      openRelation(await loginOf(dataset.source, dataset.id), signal),
  };
}

async function openRelation(
  login: PostgresLogin,
  signal: AbortSignal | undefined,
): Promise<OpenSource> {
  signal?.throwIfAborted();
  const session = await openPostgres(login);
  try {
    const relation = await readCatalogue(session, login.source);
    const narrowed = (needed: NeededRows) =>
      engineSource(login, session.snapshot, relation, needed);
    return {
      source: narrowed({ columns: null, window: null }),
      narrowed,
      primaryKey: relation.primaryKey,
      version: null,
      close: session.close,
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

function engineSource(
  login: PostgresLogin,
  snapshot: string,
  relation: PostgresRelation,
  needed: NeededRows,
): EngineSource {
  const label = nameOfPostgres(login.source);
  const columns = columnsOf(relation, needed).map(({ name, type, nullable }) => ({
    name,
    type,
    nullable,
  }));
  // A connection for each scan: one that was broken off takes nothing with it.
  const session = () => openPostgres(login, snapshot);
  const open = async () =>
    copyOut(await session(), copyStatement(relation, needed), login.source).stream;
  const writeCsv: InputStream['writeCsv'] = (wanted) => {
    const window = wanted.window ?? needed.window;
    const copy = csvCopy(relation, { ...wanted, window }, (reason) => {
      throw postgresFailure(login.source, 'value_not_carried', reason);
    });
    return (
      copy &&
      (async () =>
        copyOut(await session(), copy.statement, login.source, {
          finish: copy.finish,
          chunks: wanted.chunks,
        }))
    );
  };
  return {
    inputs: [
      {
        name: 'source',
        data: { type: 'stream', label, open, writeCsv },
        format: 'csv',
        columns,
        csv: copiedCsv,
      },
    ],
  };
}
