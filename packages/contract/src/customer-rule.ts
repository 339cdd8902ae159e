import { z } from 'zod';

/**
 * Which customers a delivery goes to, by what is known of them: all of the properties, or any of
 * them. Without properties it is all customers. It is looked up whenever a run is made, so who
 * joins later is served by the next run, from the beginning.
 */
export const CustomerRule = z
  .strictObject({
    match: z.enum(['all', 'any']).default('all'),
    properties: z.record(z.string().min(1).max(100), z.string().max(2000)).default({}),
  })
  .refine(({ match, properties }) => match === 'all' || Object.keys(properties).length > 0, {
    path: ['properties'],
    message: 'must name at least one property for match "any"',
  })
  .meta({ id: 'CustomerRule' });
export type CustomerRule = z.output<typeof CustomerRule>;

/** A rule as people say it. */
export function ruleInWords({ match, properties }: CustomerRule): string {
  const wanted = Object.entries(properties).map(([name, value]) => `${name} = ${value}`);
  if (wanted.length === 0) return 'all customers';
  return `customers with ${wanted.join(match === 'all' ? ' and ' : ' or ')}`;
}
