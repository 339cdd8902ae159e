import {
  type Actor,
  CausewayError,
  type Dataset,
  type KeysForgotten,
  type Page,
} from '@causeway/contract';
import type { Selectable } from 'kysely';
import { type Database, type Db, inTransaction } from '../database.ts';
import { recordEvent, recordEvents } from '../events/events.ts';
import { type PageRequest, pageStart, toPage } from '../page.ts';
import { datasetChanged } from './dataset-events.ts';
import { type KeysRequest, keepForgotten } from './forgotten-keys.ts';

export interface Datasets {
  /** @throws CausewayError `conflict` when the name is taken. */
  insert(dataset: Dataset): Promise<Dataset>;
  /**
   * Changes the source, the columns or what becomes of new ones, with nobody else changing
   * the dataset meanwhile.
   *
   * @throws CausewayError `not_found`, or what `change` throws.
   */
  update(id: string, change: (dataset: Dataset) => Dataset): Promise<Dataset>;
  /** Keeps keys that those who got the dataset are to forget: the next runs tell them. */
  forgetKeys(request: KeysRequest): Promise<KeysForgotten>;
  /** @throws CausewayError `not_found`. */
  get(id: string): Promise<Dataset>;
  /** Newest first. */
  list(request: PageRequest): Promise<Page<Dataset>>;
}

export function datasets(db: Db, actor: Actor): Datasets {
  return {
    insert: (dataset) => inTransaction(db, (trx) => insert(trx, dataset, actor)),
    update: (id, change) =>
      inTransaction(db, async (trx) => {
        const query = trx.selectFrom('datasets').selectAll().where('id', '=', id).forUpdate();
        const before = found(id, await query.executeTakeFirst());
        const after = change(before);
        const { source, schema_policy, columns } = toRow(after);
        const set = { source, schema_policy, columns };
        await trx.updateTable('datasets').set(set).where('id', '=', id).execute();
        await recordEvents(trx, datasetChanged(before, after, actor));
        return after;
      }),
    forgetKeys: (request) => inTransaction(db, (trx) => keepForgotten(trx, request, actor)),
    async get(id) {
      const query = db.selectFrom('datasets').selectAll().where('id', '=', id);
      return found(id, await query.executeTakeFirst());
    },
    async list(request) {
      const after = pageStart('dataset', request);
      let query = db.selectFrom('datasets').selectAll().orderBy('id', 'desc');
      if (after !== null) query = query.where('id', '<', after);
      const rows = await query.limit(request.limit + 1).execute();
      return toPage(rows.map(toDataset), request.limit);
    },
  };
}

function found(id: string, row: Selectable<Database['datasets']> | undefined): Dataset {
  if (row) return toDataset(row);
  throw new CausewayError('not_found', { kind: 'dataset', id });
}

async function insert(trx: Db, dataset: Dataset, actor: Actor): Promise<Dataset> {
  const made = await trx
    .insertInto('datasets')
    .values(toRow(dataset))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (made) {
    const { id: datasetId, name, source } = dataset;
    const after = { name, source: { type: source.type } };
    await recordEvent(trx, { type: 'dataset.created', actor, datasetId, after });
    return toDataset(made);
  }
  const { name } = dataset;
  const query = trx.selectFrom('datasets').select('id').where('name', '=', name);
  const existing = await query.executeTakeFirst();
  throw new CausewayError('conflict', {
    kind: 'dataset',
    field: 'name',
    value: name,
    ...(existing ? { existingId: existing.id } : {}),
  });
}

function toRow(dataset: Dataset) {
  return {
    id: dataset.id,
    name: dataset.name,
    source: JSON.stringify(dataset.source),
    customer_column: dataset.customerColumn,
    cursor_column: dataset.cursorColumn,
    primary_key: dataset.primaryKey,
    deleted_column: dataset.deletedColumn,
    schema_policy: dataset.schemaPolicy,
    columns: JSON.stringify(dataset.schema),
    created_at: dataset.createdAt,
  };
}

export function toDataset(row: Selectable<Database['datasets']>): Dataset {
  return {
    id: row.id,
    name: row.name,
    source: row.source,
    customerColumn: row.customer_column,
    cursorColumn: row.cursor_column,
    primaryKey: row.primary_key,
    deletedColumn: row.deleted_column,
    schemaPolicy: row.schema_policy,
    schema: row.columns,
    createdAt: row.created_at,
  };
}
