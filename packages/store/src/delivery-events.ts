import type { Actor, Delivery } from '@causeway/contract';
import type { NewEvent } from './events.ts';

const untold: ReadonlySet<string> = new Set(['id', 'datasetId', 'createdAt', 'nextRunAt']);

/** The event that says that a delivery was made. */
export function deliveryCreated(delivery: Delivery, actor: Actor): NewEvent {
  const told = Object.entries(delivery).filter(([name]) => !untold.has(name));
  const after = Object.fromEntries(told);
  return { type: 'delivery.created', ...about(delivery, actor), after };
}

/** What is different now; whether it runs at all is told of by itself. */
export function deliveryChanged(before: Delivery, after: Delivery, actor: Actor): NewEvent[] {
  const was = new Map(Object.entries(before));
  const names = Object.entries(after)
    .filter(
      ([name, is]) => !untold.has(name) && JSON.stringify(was.get(name)) !== JSON.stringify(is),
    )
    .map(([name]) => name);
  const tell = (type: NewEvent['type'], told: readonly string[]): NewEvent[] => {
    if (told.length === 0) return [];
    return [{ type, ...about(after, actor), before: pick(before, told), after: pick(after, told) }];
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

function pick(delivery: Delivery, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(delivery).filter(([name]) => names.includes(name)));
}
