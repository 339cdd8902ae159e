import type { Event } from '@causeway/contract';

/**
 * What is sent of an event: what it is about, by ids, and its cause. Of its facts only those of
 * runs and of where connections stand, which are numbers and states: receivers are other
 * companies' systems at times. Anything else is had by `GET /v1/events`. The same bytes in every try.
 */
export function webhookBody(event: Event): string {
  const { id, type, at, actor, before, after, ...about } = event;
  const factual = type === 'connection.status_changed' || /^(run|recipient)\./.test(type);
  return JSON.stringify({
    type,
    timestamp: at,
    data: { eventId: id, actor, ...about, ...(factual && { before, after }) },
  });
}
