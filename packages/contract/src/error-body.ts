import { z } from 'zod';
import { type CausewayError, errorCodes } from './errors.ts';

/** The body of every answer that is a failure, and of the last event of a stream that failed. */
export const ErrorBody = z
  .object({
    error: z.object({
      code: z.string().meta({ examples: errorCodes }).describe('Permanent; decide by this one'),
      message: z.string().describe('What was to be done, and what was found'),
      hint: z.string().describe('What to do about it, in one sentence that may be forwarded'),
      retry: z
        .enum(['never', 'after_fix', 'later'])
        .describe('Whether the same request may succeed later, and on what condition'),
      details: z.unknown().optional().describe('What was found, by the code'),
      requestId: z.string().describe("Finds this request in the server's log"),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof ErrorBody>;

/** Writes an error for the wire. Its cause and its stack stay here. */
export function toErrorBody(error: CausewayError, requestId: string): ErrorBody {
  const { code, message, hint, retry, details } = error;
  return { error: { code, message, hint, retry, details, requestId } };
}
