import { z } from 'zod';

/** The last link of the chain over all events: whoever keeps it can prove later that it was. */
export const ChainHead = z
  .object({
    number: z.int().positive(),
    hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  })
  .meta({ id: 'ChainHead' });
export type ChainHead = z.infer<typeof ChainHead>;

/** Compares with a head that was kept, which also finds that the newest events are gone. */
export const EventChainQuery = z.object({
  head: z
    .string()
    .regex(/^[1-9][0-9]{0,14}:[0-9a-f]{64}$/, 'must be a number and a hash, as "12:9f86d0..."')
    .optional(),
});
export type EventChainQuery = z.output<typeof EventChainQuery>;

const ChainFault = z
  .object({
    number: z.int().describe('Of the link'),
    eventId: z.string().nullable(),
    fault: z
      .enum(['event_changed', 'event_missing', 'link_missing', 'head_differs'])
      .describe('`head_differs`: the link that was kept is not in the chain'),
  })
  .meta({ id: 'ChainFault' });
export type ChainFault = z.infer<typeof ChainFault>;

export const EventChain = z
  .object({
    intact: z.boolean(),
    head: ChainHead.nullable().describe('Null before the first event is linked'),
    waiting: z.int().describe('Events that are not linked yet: the newest, for a minute or so'),
    faults: z.array(ChainFault).describe('The first hundred'),
  })
  .meta({ id: 'EventChain' });
export type EventChain = z.infer<typeof EventChain>;
