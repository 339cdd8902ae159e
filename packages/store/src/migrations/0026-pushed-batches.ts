import { type Kysely, sql } from 'kysely';

/**
 * Pushes in one round trip, deliveries in batches, and the end of what everybody has.
 *
 * - Heads and requests count bytes as they count records, so that what waits is a difference.
 * - `keep_pushed` is what `recordPushes` promises. It is a function, and not statements sent one by
 *   one, since each of its statements must see what was committed before the head was locked, and
 *   the head stays locked until the commit: a round trip there is time in which nobody can push.
 * - `deliveries.begun_until`: what was received before is in a run, of those who wait for batches.
 */
const statements = [
  `alter table causeway.push_heads
    add column next_byte bigint not null default 0,
    add column removed_before timestamptz`,
  'alter table causeway.push_batches add column byte_position bigint not null default 0',
  `update causeway.push_batches as batch set byte_position = place.at
    from (
      select dataset_id, received_at,
        sum(bytes) over (partition by dataset_id order by received_at) - bytes as at
      from causeway.push_batches
    ) as place
    where place.dataset_id = batch.dataset_id and place.received_at = batch.received_at`,
  `update causeway.push_heads as head set next_byte = coalesce(
    (select sum(bytes) from causeway.push_batches where dataset_id = head.dataset_id), 0)`,
  'alter table causeway.push_batches alter column byte_position drop default',

  `alter table causeway.deliveries
    add column starts_at timestamptz,
    add column begun_until timestamptz`,
  `create index deliveries_batch on causeway.deliveries (dataset_id)
    where schedule ->> 'type' = 'batch'`,

  `create function causeway.keep_pushed(
    _dataset_id text, _lines bytea, _bytes integer[], _records integer[],
    _body_hashes text[], _api_key_ids text[], _keys text[]
  ) returns table (kept_position bigint, kept_records integer, kept_at timestamptz, kept_hash text)
  language plpgsql as $$
  declare
    _head causeway.push_heads;
    _offset integer := 1;
    _fresh integer := 0;
  begin
    insert into causeway.push_heads as head (dataset_id, next_position, next_byte, next_received_at)
    values (_dataset_id, 0, 0, clock_timestamp())
    on conflict (dataset_id) do update
      set next_received_at = greatest(head.next_received_at, clock_timestamp())
    returning * into _head;
    for _i in 1 .. cardinality(_bytes) loop
      select position, records, received_at, body_hash
      into kept_position, kept_records, kept_at, kept_hash
      from causeway.push_batches
      where dataset_id = _dataset_id and api_key_id = _api_key_ids[_i]
        and idempotency_key = _keys[_i];
      if not found then
        kept_position := _head.next_position;
        kept_records := _records[_i];
        kept_at := _head.next_received_at;
        kept_hash := _body_hashes[_i];
        insert into causeway.push_batches (
          dataset_id, received_at, position, records, byte_position, bytes,
          api_key_id, idempotency_key, body_hash, lines
        ) values (
          _dataset_id, kept_at, kept_position, kept_records, _head.next_byte, _bytes[_i],
          _api_key_ids[_i], _keys[_i], kept_hash, substring(_lines from _offset for _bytes[_i])
        );
        _head.next_position := kept_position + kept_records;
        _head.next_byte := _head.next_byte + _bytes[_i];
        _head.next_received_at := kept_at + interval '1 microsecond';
        _head.last_received_at := kept_at;
      end if;
      _offset := _offset + _bytes[_i];
      return next;
    end loop;
    update causeway.push_heads set
      next_position = _head.next_position,
      next_byte = _head.next_byte,
      next_received_at = _head.next_received_at,
      last_received_at = _head.last_received_at
    where dataset_id = _dataset_id;
  end $$`,
] as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
