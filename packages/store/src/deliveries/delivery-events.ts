import type { Actor, Delivery } from '@causeway/contract';
import { differences, factsOf, pick } from '../events/event-facts.ts';
import type { NewEvent } from '../events/events.ts';

const untold: ReadonlySet<string> = new Set(['id', 'datasetId', 'createdAt', 'nextRunAt']);

/** The event that says that a delivery was made. */
export function deliveryCreated(delivery: Delivery, actor: Actor): NewEvent {
  const after = factsOf(delivery, untold);
  return { type: 'delivery.created', ...about(delivery, actor), after };
}

/** What is different now; whether it runs at all is told of by itself. */
export function deliveryChanged(before: Delivery, after: Delivery, actor: Actor): NewEvent[] {
  const [was, is] = [factsOf(before, untold), factsOf(after, untold)];
  const names = differences(was, is);
  const tell = (type: NewEvent['type'], told: readonly string[]): NewEvent[] => {
    if (told.length === 0) return [];
    return [{ type, ...about(after, actor), before: pick(was, told), after: pick(is, told) }];
  };
  const isStatus = (name: string) => name === 'status';
  return [
    ...tell(
      'delivery.updated',
      names.filter((name) => !isStatus(name)),
    ),
    ...tell('delivery.status_changed', names.filter(isStatus)),
  ];
}

function about({ id, datasetId }: Delivery, actor: Actor) {
  return { actor, deliveryId: id, datasetId };
}
