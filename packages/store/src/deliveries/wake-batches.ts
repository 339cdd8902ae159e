import { sql } from 'kysely';
import type { Db } from '../database.ts';

/**
 * Says of deliveries in batches when they are due: at once where enough waits, else when what
 * has waited longest has done so for long enough. Those for which nothing waits are due never.
 *
 * It costs a look at one request for each such delivery, however much waits, so that those who
 * begin deliveries ask it every second, and a push has no part in it: what was kept is found,
 * whatever became of the process that kept it.
 */
export async function wakeBatches(db: Db): Promise<void> {
  await sql`
    update causeway.deliveries as delivery set next_run_at = waiting.due
    from (
      select batched.id, case
        when head.next_position - first.position >= (batched.schedule ->> 'maxRecords')::bigint
          or head.next_byte - first.byte_position >= (batched.schedule ->> 'maxBytes')::bigint
        then clock_timestamp()
        else first.received_at
          + make_interval(secs => (batched.schedule ->> 'maxAgeSeconds')::integer)
        end as due
      from causeway.deliveries as batched
      join causeway.push_heads as head on head.dataset_id = batched.dataset_id
      cross join lateral (
        select received_at, position, byte_position from causeway.push_batches
        where dataset_id = batched.dataset_id
          and received_at >= coalesce(batched.begun_until, batched.starts_at, '-infinity')
        order by received_at limit 1
      ) as first
      where batched.schedule ->> 'type' = 'batch' and batched.status = 'active'
        and coalesce(batched.next_run_at > clock_timestamp(), true)
        and coalesce(batched.schedule_taken_until < clock_timestamp(), true)
      -- Several ask at once: none waits for another, nor two for each other.
      for no key update of batched skip locked
    ) as waiting
    where delivery.id = waiting.id and coalesce(waiting.due < delivery.next_run_at, true)
  `.execute(db);
}

/**
 * What a run had to leave to the next waits as if it had just come, once the run has delivered what
 * it took: see `NewRun.cut`. Of what it could not deliver, a retry decides.
 */
export async function wakeForRest(trx: Db, runId: string): Promise<void> {
  await sql`
    update causeway.deliveries as delivery
    set begun_until = least(delivery.begun_until, delivered.until)
    from (
      select run.delivery_id, max(recipient.window_to) as until
      from causeway.runs as run
      join causeway.run_recipients as recipient on recipient.run_id = run.id
      where run.id = ${runId} and recipient.state = 'delivered' and not recipient.is_backfill
      group by run.delivery_id
    ) as delivered
    where delivery.id = delivered.delivery_id and delivery.begun_until > delivered.until
  `.execute(trx);
}
