import {
  type Actor,
  CausewayError,
  type Connection,
  type ConnectSession,
  newId,
  type Page,
  type SetupLink,
} from '@causeway/contract';
import { type Selectable, sql } from 'kysely';
import { type Database, type Db, inTransaction } from '../database.ts';
import { recordEvent } from '../events/events.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { isWellFormedToken, newToken, tokenHash } from '../secrets/tokens.ts';
import { now } from '../timestamps.ts';
import { connections } from './connections.ts';

export interface NewSetupLinkTerms {
  readonly expectedAccountId: string | null;
  readonly expiresInDays: number;
}

/** Whom a session token lets in, and to what. */
export interface SetupSession {
  readonly setupLinkId: string;
  readonly connectionId: string;
  readonly expectedAccountId: string | null;
  readonly expiresAt: string;
}

export interface SetupLinks {
  /**
   * Makes a link to a connection, which may be inserted or changed with it. The token is
   * returned here and never again: only its SHA-256 is kept.
   *
   * @throws CausewayError as `connections.insert` and `connections.update` do.
   */
  create(
    subject:
      | { readonly insert: Connection }
      | { readonly id: string; readonly change: (connection: Connection) => Connection },
    terms: NewSetupLinkTerms,
  ): Promise<{ readonly link: SetupLink; readonly token: string }>;
  /** Newest first. */
  list(
    request: PageRequest & { readonly connectionId?: string | undefined },
  ): Promise<Page<SetupLink>>;
  /** Ends its sessions too. Doing it again changes nothing. @throws CausewayError `not_found`. */
  revoke(id: string): Promise<SetupLink>;
  /** Begins a session. @throws CausewayError `setup_link_not_usable`. */
  open(token: string): Promise<ConnectSession>;
  /** Whom the token of a session lets in, for another hour from now. Null if it has ended. */
  resume(sessionToken: string): Promise<SetupSession | null>;
}

/** A session ends this long after its last use, and with its link in any case. */
const sessionEnd = sql<string>`least(setup_links.expires_at, clock_timestamp() + interval '1 hour')`;

export function setupLinks(db: Db, actor: Actor): SetupLinks {
  return {
    create: (subject, terms) =>
      inTransaction(db, async (trx) => {
        const records = connections(trx, actor);
        const connection =
          'insert' in subject
            ? await records.insert(subject.insert)
            : await records.update(subject.id, subject.change);
        const token = newToken('cwl_');
        const { expectedAccountId, expiresInDays } = terms;
        const insert = trx.insertInto('setup_links').values({
          id: newId('setupLink'),
          connection_id: connection.id,
          token_hash: tokenHash(token),
          expected_account_id: expectedAccountId,
          created_at: now,
          expires_at: sql<string>`clock_timestamp() + make_interval(days => ${expiresInDays})`,
        });
        const link = toLink(await insert.returningAll().executeTakeFirstOrThrow());
        await tell(trx, 'setup_link.created', link, actor);
        return { link, token };
      }),
    async list(request) {
      const after = pageStart('setupLink', request);
      let query = db.selectFrom('setup_links').selectAll().orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      if (request.connectionId !== undefined) {
        query = query.where('connection_id', '=', request.connectionId);
      }
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toLink), request.limit);
    },
    revoke: (id) =>
      inTransaction(db, async (trx) => {
        const query = trx.selectFrom('setup_links').selectAll().where('id', '=', id);
        const row = await query.forUpdate().executeTakeFirst();
        if (!row) throw new CausewayError('not_found', { kind: 'setup link', id });
        if (row.revoked_at !== null) return toLink(row);
        await trx.deleteFrom('connect_sessions').where('setup_link_id', '=', id).execute();
        const update = trx.updateTable('setup_links').set({ revoked_at: now });
        const written = update.where('id', '=', id).returningAll();
        const link = toLink(await written.executeTakeFirstOrThrow());
        await tell(trx, 'setup_link.revoked', link, actor);
        return link;
      }),
    open: (token) => open(db, token),
    resume: (token) => resume(db, token),
  };
}

async function open(db: Db, token: string): Promise<ConnectSession> {
  const refuse = (found: 'malformed' | 'unknown' | 'revoked' | 'expired') =>
    new CausewayError('setup_link_not_usable', { found });
  if (!isWellFormedToken('cwl_', token)) throw refuse('malformed');
  return inTransaction(db, async (trx) => {
    const query = trx.selectFrom('setup_links').selectAll();
    const row = await query
      .where('token_hash', '=', tokenHash(token))
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw refuse('unknown');
    const link = toLink(row);
    if (link.status !== 'active') throw refuse(link.status);
    await trx.deleteFrom('connect_sessions').where('expires_at', '<', now).execute();
    const sessionToken = newToken('cws_');
    const { expires_at: expiresAt } = await trx
      .insertInto('connect_sessions')
      .columns(['token_hash', 'setup_link_id', 'expires_at'])
      .expression((eb) =>
        eb
          .selectFrom('setup_links')
          .select([
            sql<Buffer>`${tokenHash(sessionToken)}::bytea`.as('token_hash'),
            'id',
            sessionEnd.as('expires_at'),
          ])
          .where('id', '=', link.id),
      )
      .returning('expires_at')
      .executeTakeFirstOrThrow();
    const update = trx.updateTable('setup_links').set({ opened_at: now });
    await update.where('id', '=', link.id).execute();
    await tell(trx, 'setup_link.opened', link, { type: 'setup_link', id: link.id });
    return { token: sessionToken, expiresAt, connectionId: link.connectionId };
  });
}

async function resume(db: Db, token: string): Promise<SetupSession | null> {
  if (!isWellFormedToken('cws_', token)) return null;
  const row = await db
    .updateTable('connect_sessions')
    .from('setup_links')
    .set({ expires_at: sessionEnd })
    .where('connect_sessions.token_hash', '=', tokenHash(token))
    .whereRef('setup_links.id', '=', 'connect_sessions.setup_link_id')
    .where('connect_sessions.expires_at', '>', now)
    .where('setup_links.revoked_at', 'is', null)
    .where('setup_links.expires_at', '>', now)
    .returning([
      'setup_links.id',
      'setup_links.connection_id',
      'setup_links.expected_account_id',
      'connect_sessions.expires_at',
    ])
    .executeTakeFirst();
  if (!row) return null;
  return {
    setupLinkId: row.id,
    connectionId: row.connection_id,
    expectedAccountId: row.expected_account_id,
    expiresAt: row.expires_at,
  };
}

async function tell(
  trx: Db,
  type: 'setup_link.created' | 'setup_link.opened' | 'setup_link.revoked',
  link: SetupLink,
  actor: Actor,
): Promise<void> {
  const { id, connectionId, expectedAccountId, expiresAt } = link;
  const query = trx.selectFrom('connections').select('customer_id').where('id', '=', connectionId);
  const { customer_id: customerId } = await query.executeTakeFirstOrThrow();
  const after = { expectedAccountId, expiresAt };
  await recordEvent(trx, { type, actor, customerId, connectionId, setupLinkId: id, after });
}

function toLink(row: Selectable<Database['setup_links']>): SetupLink {
  const isOver = Date.parse(row.expires_at) <= Date.now();
  return {
    id: row.id,
    connectionId: row.connection_id,
    expectedAccountId: row.expected_account_id,
    status: row.revoked_at !== null ? 'revoked' : isOver ? 'expired' : 'active',
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    openedAt: row.opened_at,
    revokedAt: row.revoked_at,
  };
}
