import { type Kysely, sql } from 'kysely';

/**
 * Requests of many records are kept as several batches, each of a time of its own, so that a window
 * may end between them. `keep_pushed` as of 0026, with one more argument: which batches go on with
 * the request of the one before. A request that was kept before is kept as a whole or not at all.
 * The function of 0026 stays for processes that are not yet of this version.
 */
const statement = `create function causeway.keep_pushed(
  _dataset_id text, _lines bytea, _bytes integer[], _records integer[], _continues boolean[],
  _body_hashes text[], _api_key_ids text[], _keys text[]
) returns table (kept_position bigint, kept_at timestamptz, kept_hash text)
language plpgsql as $$
declare
  _head causeway.push_heads;
  _offset integer := 1;
  _known boolean;
begin
  insert into causeway.push_heads as head (dataset_id, next_position, next_byte, next_received_at)
  values (_dataset_id, 0, 0, clock_timestamp())
  on conflict (dataset_id) do update
    set next_received_at = greatest(head.next_received_at, clock_timestamp())
  returning * into _head;
  for _i in 1 .. cardinality(_bytes) loop
    if not _continues[_i] then
      select position, received_at, body_hash into kept_position, kept_at, kept_hash
      from causeway.push_batches
      where dataset_id = _dataset_id and api_key_id = _api_key_ids[_i]
        and idempotency_key = _keys[_i];
      _known := found;
    end if;
    if not _known then
      kept_position := _head.next_position;
      kept_at := _head.next_received_at;
      kept_hash := _body_hashes[_i];
      insert into causeway.push_batches (
        dataset_id, received_at, position, records, byte_position, bytes,
        api_key_id, idempotency_key, body_hash, lines
      ) values (
        _dataset_id, kept_at, kept_position, _records[_i], _head.next_byte, _bytes[_i],
        _api_key_ids[_i], case when _continues[_i] then null else _keys[_i] end, kept_hash,
        substring(_lines from _offset for _bytes[_i])
      );
      _head.next_position := kept_position + _records[_i];
      _head.next_byte := _head.next_byte + _bytes[_i];
      _head.next_received_at := kept_at + interval '1 microsecond';
      _head.last_received_at := kept_at;
    end if;
    _offset := _offset + _bytes[_i];
    if not _continues[_i] then
      return next;
    end if;
  end loop;
  update causeway.push_heads set
    next_position = _head.next_position,
    next_byte = _head.next_byte,
    next_received_at = _head.next_received_at,
    last_received_at = _head.last_received_at
  where dataset_id = _dataset_id;
end $$`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
