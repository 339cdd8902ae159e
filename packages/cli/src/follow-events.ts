import { setTimeout as pause } from 'node:timers/promises';
import type { Event, EventQuery } from '@causeway/contract';
import type { Client } from '@causeway/sdk';

/** How often somebody who watches wants to know. */
const pollMs = 2_000;

/**
 * Gives events in the order in which they happened, for as long as they are asked for:
 * those since the time in the query, or else only new ones. None is given twice or left
 * out, since events are only ever added, and each look goes back to the last one given.
 */
export async function* followEvents(
  events: Client['events'],
  query: EventQuery,
  everyMs = pollMs,
): AsyncGenerator<Event> {
  let last = query.since === undefined ? await newestId(events, query) : null;
  for (;;) {
    for (const event of await newSince(events, query, last)) {
      last = event.id;
      yield event;
    }
    await pause(everyMs);
  }
}

async function newestId(events: Client['events'], query: EventQuery): Promise<string | null> {
  const { items } = await events.list({ ...query, limit: 1 });
  return items[0]?.id ?? null;
}

/** What is newer than an event, oldest first. */
async function newSince(
  events: Client['events'],
  query: EventQuery,
  last: string | null,
): Promise<Event[]> {
  const found: Event[] = [];
  let cursor: string | null = null;
  do {
    const request = { ...query, limit: 100, ...(cursor !== null && { cursor }) };
    const page: Awaited<ReturnType<typeof events.list>> = await events.list(request);
    const end = page.items.findIndex(({ id }) => id === last);
    if (end >= 0) return [...found, ...page.items.slice(0, end)].toReversed();
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found.toReversed();
}
