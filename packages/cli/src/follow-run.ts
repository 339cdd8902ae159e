import {
  type CancelRequest,
  customersDone,
  figuresOf,
  hasEnded,
  type Receipt,
  type RecipientRetry,
  type Run,
  type RunProgress,
  type RunRecipient,
} from '@causeway/contract';
import type { Client } from '@causeway/sdk';
import { exitCodes } from './exit-codes.ts';
import { progressBar } from './terminal/progress-bar.ts';
import {
  fields,
  formatBytes,
  formatCount,
  formatDuration,
  printable,
  table,
} from './terminal/table.ts';

/** What each state of a recipient counts for in the bar. */
const done: Readonly<Record<RunProgress['recipients'][number]['state'], number>> = {
  planned: 0,
  preparing: 0.3,
  prepared: 0.7,
  committing: 0.9,
  delivered: 1,
  unchanged: 1,
  failed: 1,
  cancelled: 1,
};

/** Shows a run's progress until it has ended; sets the exit code if it did not succeed. */
export async function followRun(
  client: Client,
  runId: string,
  options: { readonly json?: boolean },
): Promise<Run> {
  const run = await followToEnd(client, runId, options);
  if (run.state !== 'succeeded') process.exitCode = exitCodes.failed;
  return run;
}

/** Shows a run's progress until it has ended, however it ends. */
export async function followToEnd(
  client: Client,
  runId: string,
  options: { readonly json?: boolean },
): Promise<Run> {
  const bar = options.json ? undefined : progressBar();
  for await (const progress of await client.runs.progress({ id: runId })) {
    bar?.update(fractionOf(progress), describeProgress(progress));
  }
  bar?.end();
  return client.runs.get({ id: runId });
}

export function fractionOf(progress: RunProgress): number {
  const { recipients } = progress;
  if (recipients.length === 0) return 0;
  return recipients.reduce((sum, { state }) => sum + done[state], 0) / recipients.length;
}

/** What is known of a run while it goes on. */
export function describeProgress({ state, bytes, recipients }: RunProgress): string {
  const { length } = recipients;
  const of = length < 2 ? [] : [`${customersDone(recipients)} of ${formatCount(length)} customers`];
  return [state, ...of, formatBytes(bytes)].join(', ');
}

/** A run as people read it. */
export function showRun(run: Run): string {
  const { recipients, leftOut, retryOf, cancelRequest, fractionDone, resumeAt, ...rest } = run;
  const warnings = recipients.flatMap(({ customerId, warning }) =>
    warning
      ? [
          printable(`${customerId}, delivered, but: ${warning.message}`),
          printable(`  fix (${warning.side}): ${warning.hint}`),
        ]
      : [],
  );
  const failures = recipients.flatMap((r) =>
    r.failure
      ? [
          printable(`${r.customerId}: ${r.failure.message}`),
          printable(`  cause: ${r.failure.cause ?? r.failure.code}`),
          printable(`  fix (${r.failure.side}): ${r.failure.hint}`),
          ...(r.retry ? [`  next try: ${whenRetried(r.retry)}`] : []),
        ]
      : [],
  );
  const receipts = recipients.flatMap(({ customerId, receipt }) =>
    receipt ? [printable(`${customerId}: ${describeReceipt(receipt)}`)] : [],
  );
  return [
    fields({
      ...rest,
      ...(fractionDone !== null &&
        !hasEnded(run) && { done: `${Math.floor(fractionDone * 100)} % of its customers` }),
      ...(resumeAt !== null && { rests: `it goes on by itself, not before ${resumeAt}` }),
      ...(retryOf !== null && { retryOf }),
      ...(cancelRequest && { cancelRequested: `${cancelRequest.at}, ${actorOf(cancelRequest)}` }),
      ...(leftOut.length > 0 && { leftOut: leftOut.join(', ') }),
    }),
    '',
    table(head, recipients.map(rowOf)),
    ...(failures.length > 0 ? ['', ...failures] : []),
    ...(receipts.length > 0 ? ['', ...receipts] : []),
    ...(warnings.length > 0 ? ['', ...warnings] : []),
  ].join('\n');
}

function rowOf(r: RunRecipient): string[] {
  const { prepareMs, commitMs, bytesPerSecond } = figuresOf(r);
  return [
    r.customerId,
    stateOf(r),
    formatCount(r.rows),
    formatBytes(r.bytes),
    String(r.files),
    prepareMs === null ? '-' : formatDuration(prepareMs),
    commitMs === null ? '-' : formatDuration(commitMs),
    bytesPerSecond === null ? '-' : `${formatBytes(bytesPerSecond)}/s`,
    requestsOf(r),
    r.sequence === null ? '-' : String(r.sequence),
    r.manifestKey ?? (r.deliveredByRunId ? `that of ${r.deliveredByRunId}` : '-'),
  ];
}

/** What a person wants to know first: that it has arrived, where the customer has said so. */
function stateOf({ state, receipt }: RunRecipient): string {
  return receipt?.state === 'received' || receipt?.state === 'rejected' ? receipt.state : state;
}

function requestsOf({ requests: { s3, sts, retries } }: RunRecipient): string {
  const again = retries > 0 ? ` (${formatCount(retries)} again)` : '';
  return `${formatCount(s3 + sts)}${again}`;
}

function describeReceipt({ state, at, message }: Receipt): string {
  const words = message === null ? '' : `: ${message}`;
  return `${receiptWords[state]} ${at}${words}`;
}

const receiptWords: Readonly<Record<Receipt['state'], string>> = {
  received: 'the customer has received it,',
  rejected: 'the customer has rejected it,',
  not_valid: 'there is something that is no receipt,',
  not_readable: 'the connection may not read receipts, found',
};

function actorOf({ by }: CancelRequest): string {
  return by.id === null ? `by ${by.type}` : `by ${by.type} ${by.id}`;
}

function whenRetried({ at, awaits }: RecipientRetry): string {
  const condition = ', once a check finds the connection healthy';
  return `by itself, not before ${at}${awaits === 'connection' ? condition : ''}`;
}

const head = [
  'CUSTOMER',
  'STATE',
  'ROWS',
  'BYTES',
  'FILES',
  'PREPARE',
  'COMMIT',
  'RATE',
  'REQUESTS',
  'NUMBER',
  'MANIFEST',
];
