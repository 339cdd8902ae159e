import { z } from 'zod';

/**
 * How much of what there was before a delivery is sent to a customer who has had nothing of
 * it yet. Counted once, when the delivery is made: who joins it later begins at the same time.
 */
export const DeliveryHistory = z
  .union([
    z.enum(['all', 'none']),
    z.strictObject({ days: z.int().min(1).max(36_500).describe('Before now') }),
    z.strictObject({
      since: z.iso
        .datetime()
        .describe('As windows have it: by the cursor column, or when records were received'),
    }),
  ])
  .meta({ id: 'DeliveryHistory' });
export type DeliveryHistory = z.infer<typeof DeliveryHistory>;
