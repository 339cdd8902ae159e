import { z } from 'zod';
import { CheckCause, Side } from './checks.ts';
import { Mode, Window } from './deliveries.ts';
import { Actor } from './events.ts';
import { Receipt } from './receipts.ts';

/**
 * Where a run stands.
 *
 * - `queued`: made; waits for a worker.
 * - `running`: a worker holds its lease.
 * - `succeeded`: every recipient is `delivered` or `unchanged`.
 * - `partial`: some recipients failed.
 * - `failed`: no recipient was served.
 * - `cancelled`: somebody ended it; who was being served already, was.
 */
export const RunState = z.enum([
  'queued',
  'running',
  'succeeded',
  'partial',
  'failed',
  'cancelled',
]);
export type RunState = z.infer<typeof RunState>;

/**
 * Where one customer's part of a run stands.
 *
 * - `planned`: made with the run.
 * - `preparing`: its uploads are under way; nothing is visible. A restart aborts them and begins again.
 * - `prepared`: every byte is uploaded, no upload is completed; nothing is visible.
 * - `committing`: its sequence number is fixed and uploads are being completed. Once its manifest
 *   may have been sent it is only ever finished; before that it may still fail.
 * - `delivered`: the manifest is written.
 * - `unchanged`: this window was delivered before; nothing was sent.
 * - `failed`: given up; its uploads are aborted.
 * - `cancelled`: the run was cancelled before its commit; its uploads are aborted.
 */
export const RecipientState = z.enum([
  'planned',
  'preparing',
  'prepared',
  'committing',
  'delivered',
  'unchanged',
  'failed',
  'cancelled',
]);
export type RecipientState = z.infer<typeof RecipientState>;

export const RunFailure = z
  .object({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    side: Side,
    cause: z
      .string()
      .nullable()
      .default(null)
      .describe('The permanent code that a check names it by; null for what no check finds'),
    causes: z
      .array(CheckCause)
      .readonly()
      .optional()
      .describe('What it may come from, most likely first, where AWS does not say'),
  })
  .meta({ id: 'RunFailure' });
export type RunFailure = z.infer<typeof RunFailure>;

/** When each phase of the present attempt began; null when it has not. */
export const RunPhases = z
  .object({
    preparingAt: z.iso.datetime().nullable().describe('Its bytes are uploaded from here on'),
    preparedAt: z.iso.datetime().nullable().describe('Every byte is uploaded'),
    committingAt: z.iso.datetime().nullable().describe('Its files become visible from here on'),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'RunPhases' });
export type RunPhases = z.infer<typeof RunPhases>;

/** When another run does this part again by itself. */
export const RecipientRetry = z
  .object({
    at: z.iso.datetime().describe('Not before'),
    awaits: z
      .enum(['time', 'connection'])
      .describe(
        '"connection": until a check since then finds a connection of the customer healthy',
      ),
  })
  .meta({ id: 'RecipientRetry' });
export type RecipientRetry = z.infer<typeof RecipientRetry>;

/** Somebody wants the run to end; it has when its state says so. */
export const CancelRequest = z
  .object({ at: z.iso.datetime(), by: Actor })
  .meta({ id: 'CancelRequest' });
export type CancelRequest = z.infer<typeof CancelRequest>;

/**
 * What a customer's part of a run has asked of AWS, over all attempts. Those of a worker
 * that was killed before it had written them down are not in it, nor those of checks.
 */
export const RunRequests = z
  .object({
    s3: z.int(),
    sts: z.int(),
    retries: z.int().describe('How many of them repeated one that had failed'),
  })
  .meta({ id: 'RunRequests' });
export type RunRequests = z.infer<typeof RunRequests>;

export const RunRecipient = z
  .object({
    customerId: z.string(),
    connectionId: z.string().nullable(),
    state: RecipientState,
    window: Window,
    rows: z.int().describe('0 until all is uploaded'),
    bytes: z.int().describe('While it is under way, those that are uploaded so far'),
    files: z.int(),
    sequence: z.int().nullable(),
    manifestKey: z.string().nullable(),
    deliveredByRunId: z
      .string()
      .nullable()
      .describe('For "unchanged": the run that delivered this window'),
    phases: RunPhases,
    attempts: z.int().describe('How often its upload was begun'),
    requests: RunRequests,
    receipt: Receipt.nullable().describe('What the customer said of it; null: nothing so far'),
    failure: RunFailure.nullable(),
    warning: RunFailure.nullable().describe(
      'What could not be done though all was delivered, as to delete the files of earlier runs',
    ),
    retry: RecipientRetry.nullable().describe('Null when it is not tried again by itself'),
  })
  .meta({ id: 'RunRecipient' });
export type RunRecipient = z.infer<typeof RunRecipient>;

/** Nobody knows how much of a source is still to come, so a part counts when it has ended. */
const FractionDone = z
  .number()
  .min(0)
  .max(1)
  .nullable()
  .describe(
    'Of its customers, those that are done with; null while there is only one, and it is under way',
  );

export const Run = z
  .object({
    id: z.string(),
    deliveryId: z.string(),
    state: RunState,
    mode: Mode,
    attempt: z.int().describe('How many workers have taken this run up'),
    resumeAt: z.iso
      .datetime()
      .nullable()
      .describe(
        'While it rests, as an attempt could neither go on nor end it: no worker takes it up again before',
      ),
    fractionDone: FractionDone,
    recipients: z.array(RunRecipient),
    leftOut: z
      .array(z.string())
      .describe('Customers that an earlier run was still at work for when this one was made'),
    retryOf: z.string().nullable().describe('The run whose failed parts this one does again'),
    cancelRequest: CancelRequest.nullable(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    completedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

export const RunQuery = z.object({
  deliveryId: z.string().optional(),
  customerId: z.string().optional().describe('Runs that this customer has a part in'),
  state: RunState.optional().describe('Of the run as a whole'),
});
export type RunQuery = z.output<typeof RunQuery>;

/** Body of "run this delivery now". The window is for incremental deliveries and repeats. */
export const RunCreate = z.strictObject({ window: Window.optional() }).meta({ id: 'RunCreate' });
export type RunCreate = z.output<typeof RunCreate>;

/** What a run tells while it goes on; the last one of a run has `state` of its end. */
export const RunProgress = z
  .object({
    runId: z.string(),
    state: RunState,
    rows: z.int(),
    bytes: z.int(),
    fractionDone: FractionDone,
    recipients: z.array(
      z.object({ customerId: z.string(), state: RecipientState, bytes: z.int() }),
    ),
  })
  .meta({ id: 'RunProgress' });
export type RunProgress = z.infer<typeof RunProgress>;
