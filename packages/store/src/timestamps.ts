import { type RawBuilder, sql } from 'kysely';

/** By the clock of the database, which all processes share. */
export const now = sql<string>`clock_timestamp()`;

export function secondsFromNow(seconds: number) {
  return sql<string>`clock_timestamp() + make_interval(secs => ${seconds})`;
}

/** Up to a fifth sooner or later: what failed together does not come back together. */
export function jitteredFromNow(seconds: RawBuilder<unknown>) {
  return sql<string>`
    clock_timestamp() + make_interval(secs => ${seconds} * (0.8 + random() * 0.4))
  `;
}

const postgresTimestamp =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d)(?::(\d\d))?$/;

/**
 * Turns PostgreSQL's text of a `timestamptz` into ISO 8601 in UTC, with
 * milliseconds, or with microseconds where there are any: a window must come back
 * as exact as it was given.
 */
export function isoFromPostgres(text: string): string {
  const match = postgresTimestamp.exec(text);
  if (!match) throw new Error(`Cannot read timestamp "${text}" of the database`);
  const [, date, time, fraction = '', hours, minutes = '00'] = match;
  const instant = new Date(`${date}T${time}${hours}:${minutes}`);
  const micros = fraction.padEnd(6, '0');
  const digits = micros.endsWith('000') ? micros.slice(0, 3) : micros;
  return `${instant.toISOString().slice(0, -5)}.${digits}Z`;
}
