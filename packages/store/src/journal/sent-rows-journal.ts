import type { Lookback, RunJournal } from '@causeway/delivery';
import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { fenced } from './fenced.ts';

type SentRowsJournal = Pick<RunJournal, 'lookbacks' | 'knownRows' | 'forgetRows' | 'rememberRows'>;

/** The part of the journal that is about rows which were sent before. */
export function sentRowsJournal(db: Db): SentRowsJournal {
  return {
    lookbacks: (lease, customerIds) =>
      fenced(db, lease, (trx) => lookbacks(trx, lease.runId, customerIds)),
    knownRows: (lease, customerId, since) =>
      fenced(db, lease, (trx) => knownRows(trx, lease.runId, customerId, since)),
    forgetRows: (lease, customerId) =>
      fenced(db, lease, (trx) => forgetRows(trx, lease.runId, customerId)),
    rememberRows: (lease, customerId, fingerprints) =>
      fenced(db, lease, async (trx) => {
        await sql`
          insert into causeway.sent_rows (run_id, customer_id, fingerprints)
          values (${lease.runId}, ${customerId}, ${fingerprints})
        `.execute(trx);
      }),
  };
}

/** The recipients of a run, with how far back its delivery looks. */
const recipients = (runId: string, customerIds: readonly string[]) => sql`
  select recipient.*, coalesce((terms ->> 'lookbackSeconds')::int, 0) * interval '1 second' as span
  from causeway.run_recipients as recipient join causeway.runs on runs.id = recipient.run_id
  where recipient.run_id = ${runId} and recipient.customer_id = any(${customerIds}::text[])
`;

/** What was delivered before to a recipient `current`. */
const earlier = sql`
  causeway.run_recipients as earlier join causeway.runs on runs.id = earlier.run_id
  where earlier.delivery_id = current.delivery_id
    and earlier.customer_id = current.customer_id and earlier.state = 'delivered'
`;

/**
 * A run looks back when it goes on where the delivery stands. It reaches as far as all runs
 * before have remembered: where one looked back less, what it sent before its own span is not
 * known, and would be sent again. What lies before the first window was never to be sent.
 */
async function lookbacks(
  trx: Db,
  runId: string,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Lookback>> {
  const { rows } = await sql<Lookback & { customer_id: string }>`
    select current.customer_id, reach.since,
      (select coalesce(sum(length(fingerprints)) / 16, 0)::int
        from causeway.sent_rows join (select earlier.* from ${earlier}) as before
          using (run_id, customer_id)
        where before.window_to > current.window_to - current.span) as remembered,
      (select coalesce(md5(string_agg(md5(fingerprints), '' order by run_id, number)), '')
        from causeway.sent_rows join (select earlier.* from ${earlier}) as before
          using (run_id, customer_id)
        where before.window_to > reach.since) as digest
    from (${recipients(runId, customerIds)}) as current
    cross join lateral (
      select max(window_to) filter (where not is_backfill) as position,
        min(coalesce(window_from, '-infinity')) filter (where not is_backfill) as begins,
        max(window_to - coalesce((terms ->> 'lookbackSeconds')::int, 0) * interval '1 second')
          filter (where window_from is null or window_from < current.window_from) as known_from
      from ${earlier}
    ) as stand
    cross join lateral (
      select case when stand.position = current.window_from
          and greatest(stand.known_from, stand.begins, current.window_from - current.span) < current.window_from
        then greatest(stand.known_from, stand.begins, current.window_from - current.span) end as since
    ) as reach
  `.execute(trx);
  return new Map(
    rows.map(({ customer_id, since, digest, remembered }) => [
      customer_id,
      { since, digest, remembered },
    ]),
  );
}

async function knownRows(
  trx: Db,
  runId: string,
  customerId: string,
  since: string,
): Promise<readonly Buffer[]> {
  const { rows } = await sql<{ fingerprints: Buffer }>`
    select fingerprints from (${recipients(runId, [customerId])}) as current
    join lateral (select earlier.* from ${earlier}) as before on true
    join causeway.sent_rows on sent_rows.run_id = before.run_id
      and sent_rows.customer_id = before.customer_id
    where before.window_to > ${since}::timestamptz
  `.execute(trx);
  return rows.map(({ fingerprints }) => fingerprints);
}

/** No run looks back beyond what the present one may: from then on it goes on later. */
async function forgetRows(trx: Db, runId: string, customerId: string): Promise<void> {
  await sql`
    delete from causeway.sent_rows using (${recipients(runId, [customerId])}) as current,
      causeway.run_recipients as owner
    where owner.run_id = sent_rows.run_id and owner.customer_id = sent_rows.customer_id
      and owner.delivery_id = current.delivery_id and owner.customer_id = current.customer_id
      and (owner.run_id = current.run_id
        or owner.state in ('failed', 'cancelled')
        or (not current.is_backfill and owner.window_to <= current.window_from - current.span))
  `.execute(trx);
}
