import type { Customer, CustomerUpdate } from '@causeway/contract';
import { differences } from '../events/event-facts.ts';

/** What is left out stays as it is, each property by itself; one that is null is taken away. */
export function mergedCustomer(
  customer: Customer,
  { name, reference, properties = {} }: CustomerUpdate,
): Customer {
  const all = Object.entries({ ...customer.properties, ...properties });
  return {
    ...customer,
    name: name ?? customer.name,
    reference: reference ?? customer.reference,
    properties: Object.fromEntries(
      all.flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
    ),
  };
}

/** Whether they say the same, in whatever order. */
export function isSameCustomer(one: Customer, other: Customer): boolean {
  if (one.name !== other.name || one.reference !== other.reference) return false;
  return differences(one.properties, other.properties).length === 0;
}
