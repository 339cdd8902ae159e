import type { AccessKey, Actor, CheckReport, Connection } from '@causeway/contract';
import { differences, factsOf, pick } from '../events/event-facts.ts';
import type { NewEvent } from '../events/events.ts';

/** The check has an event of its own. */
const untold: ReadonlySet<string> = new Set([
  'id',
  'customerId',
  'createdAt',
  'lastCheck',
  'health',
]);
const ofAccount: ReadonlySet<string> = new Set(['accountId', 'accountConfirmed', 'roleArn']);

/** The event that says that a connection was made. */
export function creationEvent(connection: Connection, actor: Actor): NewEvent {
  return {
    ...about(connection, actor),
    type: 'connection.created',
    after: factsOf(connection, untold),
  };
}

/** What there is to tell of a change: who gets the data, whether it flows, and all else. */
export function changeEvents(
  before: Connection,
  after: Connection,
  actor: Actor,
  cause: string | null = null,
): NewEvent[] {
  const subject = about(after, actor);
  const was = factsOf(before, untold);
  const is = factsOf(after, untold);
  const changed = differences(was, is);
  const account = changed.filter((name) => ofAccount.has(name));
  const apart = new Set([...ofAccount, 'status', 'accessKeys']);
  const other = changed.filter((name) => !apart.has(name));
  const tell = (type: NewEvent['type'], names: readonly string[]): NewEvent[] =>
    names.length === 0
      ? []
      : [{ ...subject, type, cause, before: pick(was, names), after: pick(is, names) }];
  return [
    ...tell(accountEvent(before, after), account),
    ...tell('connection.updated', other),
    ...keyEvents(before, after).map((event) => ({ ...subject, cause, ...event })),
    ...tell('connection.status_changed', changed.includes('status') ? ['status'] : []),
  ];
}

/** What became of each access key. */
function keyEvents(
  before: Connection,
  after: Connection,
): Pick<NewEvent, 'type' | 'before' | 'after'>[] {
  const [was, is] = [keysOf(before), keysOf(after)];
  const added = is.filter(({ id }) => !was.some((key) => key.id === id));
  const removed = was.filter(({ id }) => !is.some((key) => key.id === id));
  const used = is.find(({ current }) => current);
  const isOther =
    used && was.length > 0 && !was.some(({ id, current }) => current && id === used.id);
  return [
    ...added.map((key) => ({ type: 'access_key.added' as const, after: key })),
    ...(isOther ? [{ type: 'access_key.used' as const, after: used }] : []),
    ...removed.map((key) => ({ type: 'access_key.removed' as const, before: key })),
  ];
}

function keysOf(connection: Connection): readonly AccessKey[] {
  return connection.access === 'access_key' ? connection.accessKeys : [];
}

function accountEvent(before: Connection, after: Connection): NewEvent['type'] {
  const same = before.accountId === after.accountId;
  return same && !before.accountConfirmed && after.accountConfirmed
    ? 'connection.account_confirmed'
    : 'connection.account_changed';
}

/**
 * A check that found what the one before found is not told of again: a page that
 * waits for a role checks every few seconds.
 */
export function checkEvents(connection: Connection, report: CheckReport, actor: Actor): NewEvent[] {
  const before = findingsOf(connection.lastCheck);
  const after = findingsOf(report);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const cause = causeOf(report);
  return [{ ...about(connection, actor), type: 'connection.checked', cause, before, after }];
}

/** What drifted without breaking anything, such as a policy that allows more than before. */
export function adviceEvents(
  connection: Connection,
  advice: readonly { readonly step: string; readonly direction: string }[],
  actor: Actor,
): NewEvent[] {
  return advice.map((drift) => ({
    ...about(connection, actor),
    type: 'connection.advice',
    cause: `${drift.step}_${drift.direction}`,
    after: drift,
  }));
}

/** The code of the first thing that a check found wrong. */
export function causeOf(report: CheckReport): string | null {
  return report.steps.find(({ verdict }) => verdict === 'failed')?.cause ?? null;
}

function findingsOf(report: CheckReport | null): object | null {
  if (report === null) return null;
  const { outcome, steps } = report;
  const failed = steps.filter(({ verdict }) => verdict === 'failed');
  return { outcome, failed: failed.map(({ id, cause = null }) => ({ step: id, cause })) };
}

function about({ id, customerId }: Connection, actor: Actor) {
  return {
    actor,
    customerId,
    connectionId: id,
    setupLinkId: actor.type === 'setup_link' ? actor.id : null,
  };
}
