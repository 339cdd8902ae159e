import type { Actor, Customer } from '@causeway/contract';
import { differences, pick } from '../events/event-facts.ts';
import type { NewEvent } from '../events/events.ts';

/** The event that says that a customer was made. */
export function customerCreated(customer: Customer, actor: Actor): NewEvent {
  const { id, name, reference, properties } = customer;
  return {
    type: 'customer.created',
    actor,
    customerId: id,
    after: { name, reference, properties },
  };
}

/** What is different now, of the properties too; none when nothing is. */
export function customerUpdated(before: Customer, after: Customer, actor: Actor): NewEvent[] {
  const names = (['name', 'reference'] as const).filter((name) => before[name] !== after[name]);
  const properties = differences(before.properties, after.properties);
  if (names.length === 0 && properties.length === 0) return [];
  const told = (customer: Customer) => ({
    ...pick(customer, names),
    ...(properties.length > 0 && { properties: pick(customer.properties, properties) }),
  });
  const change = { before: told(before), after: told(after) };
  return [{ type: 'customer.updated', actor, customerId: after.id, ...change }];
}
