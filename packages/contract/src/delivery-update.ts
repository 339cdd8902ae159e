import { z } from 'zod';
import { DeliveryCreate } from './deliveries.ts';

type Undefaulted<T> = T extends z.ZodDefault<infer Inner> | z.ZodPrefault<infer Inner> ? Inner : T;
type UndefaultedShape<S> = { [K in keyof S]: Undefaulted<S[K]> };

/** In a change, what is left out stays as it is: it must not become the default. */
function withoutDefaults<S extends z.ZodRawShape>(shape: S): UndefaultedShape<S> {
  const fields = Object.entries(shape).map(([name, schema]) => {
    const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
    if (!wrapped) return [name, schema];
    const inner = schema.unwrap() as z.ZodType;
    return [name, schema.description === undefined ? inner : inner.describe(schema.description)];
  });
  return Object.fromEntries(fields) as UndefaultedShape<S>;
}

const { datasetId: _, ...changeable } = DeliveryCreate.shape;

/**
 * What may be changed of a delivery; what is left out stays. Applies from the next run on:
 * a run keeps the terms and customers that it was made for. Naming customers takes the
 * place of a rule, and a rule that of named customers.
 */
export const DeliveryUpdate = z
  .strictObject(withoutDefaults(changeable))
  .partial()
  .meta({ id: 'DeliveryUpdate' });
export type DeliveryUpdate = z.output<typeof DeliveryUpdate>;
