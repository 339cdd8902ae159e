import { z } from 'zod';
import { byId } from './operation-parts.ts';

/** Of one request: each as it was sent, and as its compression is undone. */
export const pushLimits = {
  bytes: 4_194_304,
  records: 50_000,
  /** Objects and arrays within each other, the record itself being the first. */
  depth: 32,
} as const;

/** How records are sent. */
export const recordsTypes = ['application/json', 'application/x-ndjson'] as const;

export const RecordsPush = z.object({
  params: byId,
  body: z
    .file({ error: `must be records, sent as ${recordsTypes.join(' or ')}` })
    .mime([...recordsTypes])
    .describe(
      `An array of objects as application/json, or one in each line as application/x-ndjson; with "Content-Encoding: gzip" if wanted. At most ${pushLimits.records} records and ${pushLimits.bytes} bytes`,
    ),
});

/** Records that were kept: all of a request, or none. */
export const RecordsAccepted = z
  .object({
    accepted: z.int().describe('How many records'),
    position: z
      .int()
      .describe('Of the first; the others follow. Positions of a dataset begin at 0, without gaps'),
    receivedAt: z.iso
      .datetime()
      .describe(
        'What windows of deliveries refer to. No other request has the same; of a request of more than 1,000 records, that of the first 1,000',
      ),
  })
  .meta({ id: 'RecordsAccepted' });
export type RecordsAccepted = z.infer<typeof RecordsAccepted>;
