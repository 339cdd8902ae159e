import {
  type CancelRequest,
  customersDone,
  figuresOf,
  hasEnded,
  type Receipt,
  type RecipientRetry,
  type RecipientState,
  type Run,
  type RunFailure,
  type RunRecipient,
  type RunState,
} from '@causeway/contract';
import { formatBytes, formatCount, formatDuration, formatTime } from './format.ts';
import { type Html, html } from './html.ts';
import type { Overview } from './overview.ts';

/** One card for each run, the newest first, with what each customer received. */
export function renderRuns(overview: Overview): Html {
  if (overview.runs.length === 0) {
    return html`<p class="empty">No runs yet. <code>POST /v1/deliveries/{id}/runs</code> starts one.</p>`;
  }
  return html`${overview.runs.map((run) => renderRun(run, overview))}`;
}

/** A run may have thousands of recipients; the page shows this many of them. */
const recipientsShown = 50;

function renderRun(run: Run, overview: Overview): Html {
  const delivery = overview.deliveries.find((candidate) => candidate.id === run.deliveryId);
  const shown = run.recipients.slice(0, recipientsShown);
  const hidden = run.recipients.length - shown.length;
  return html`<section class="card">
<div class="title"><h3>${delivery?.name ?? run.deliveryId}</h3>
<span class="tag ${toneOfRun[run.state]}">${run.state}</span>
<span class="quiet"><code>${run.id}</code></span>
<span class="quiet">${formatTime(run.createdAt)}${durationOf(run)}</span></div>
<p class="summary">${summaryOf(run)}</p>
${renderCircumstances(run)}
<div class="scroll"><table>
<thead><tr><th>Customer</th><th>State</th>${heads.map((head) => html`<th class="number">${head}</th>`)}<th>Manifest</th></tr></thead>
<tbody>${shown.map((recipient) => renderRecipient(recipient, overview))}</tbody>
</table></div>
${hidden > 0 && html`<p class="quiet">${formatCount(hidden)} more recipients: <code>GET /v1/runs/${run.id}</code></p>`}
</section>`;
}

/** What became of it, in a sentence. */
function summaryOf(run: Run): string | Html {
  const { recipients } = run;
  if (!hasEnded(run)) return soFar(run);
  const served = recipients.filter(({ state }) => state === 'delivered');
  const unchanged = recipients.filter(({ state }) => state === 'unchanged').length;
  const sum = (field: 'rows' | 'bytes' | 'files') =>
    served.reduce((total, recipient) => total + recipient[field], 0);
  const files = `${formatCount(sum('files'))} ${sum('files') === 1 ? 'file' : 'files'}`;
  const what = `${formatCount(sum('rows'))} rows in ${files} (${formatBytes(sum('bytes'))})`;
  const whom = `${formatCount(served.length)} of ${formatCount(recipients.length)}`;
  const others = unchanged > 0 ? `; ${formatCount(unchanged)} had them before` : '';
  return `Delivered ${what} to ${whom} ${recipients.length === 1 ? 'customer' : 'customers'}${others}.`;
}

/** How far it has come, by what is known while it goes on. */
function soFar({ state, recipients, fractionDone, resumeAt }: Run): string | Html {
  if (resumeAt !== null) {
    return html`Rests, as it could neither go on nor end: taken up again by itself, not before ${formatTime(resumeAt)}.`;
  }
  if (state === 'queued') return 'Waits for a worker.';
  const bytes = recipients.reduce((sum, recipient) => sum + recipient.bytes, 0);
  const uploaded = `${formatBytes(bytes)} uploaded so far`;
  if (fractionDone === null) return `Under way: ${uploaded}.`;
  const done = `${formatCount(customersDone(recipients))} of ${formatCount(recipients.length)}`;
  return `Under way: done with ${done} customers (${Math.floor(fractionDone * 100)} %), ${uploaded}.`;
}

/** How it came about, and what happened on its way. */
function renderCircumstances({ attempt, retryOf, cancelRequest, leftOut }: Run): Html {
  const left = leftOut.length;
  return html`${attempt > 1 && html`<p class="quiet">Taken up ${attempt} times</p>`}
${retryOf && html`<p class="quiet">Does again what failed of <code>${retryOf}</code></p>`}
${cancelRequest && html`<p class="quiet">Cancelling was asked for by ${actorOf(cancelRequest)}, ${formatTime(cancelRequest.at)}</p>`}
${left > 0 && html`<p class="quiet">Left out, as an earlier run was at work for them: ${formatCount(left)} ${left === 1 ? 'customer' : 'customers'}</p>`}`;
}

function actorOf({ by }: CancelRequest): Html {
  const who = { api_key: 'API key', setup_link: 'setup link', system: 'Causeway' }[by.type];
  return html`${who}${by.id !== null && html` <code>${by.id}</code>`}`;
}

const heads = ['Rows', 'Bytes', 'Files', 'Prepare', 'Commit', 'Rate', 'Requests', 'No.'];

function renderRecipient(recipient: RunRecipient, overview: Overview): Html {
  const customer = overview.customers.find((candidate) => candidate.id === recipient.customerId);
  const { prepareMs, commitMs, bytesPerSecond } = figuresOf(recipient);
  const numbers = [
    formatCount(recipient.rows),
    formatBytes(recipient.bytes),
    recipient.files,
    prepareMs !== null && formatDuration(prepareMs),
    commitMs !== null && formatDuration(commitMs),
    bytesPerSecond !== null && `${formatBytes(bytesPerSecond)}/s`,
    requestsOf(recipient),
    recipient.sequence,
  ];
  return html`<tr><td>${customer?.name ?? recipient.customerId}</td>
<td><span class="tag ${toneOfRecipient[recipient.state]}">${recipient.state}</span>
${recipient.attempts > 1 && html`<br><span class="quiet">${recipient.attempts} attempts</span>`}${renderReceipt(recipient.receipt)}</td>
${numbers.map((number) => html`<td class="number">${number}</td>`)}
<td>${recipient.manifestKey && html`<code>${recipient.manifestKey}</code>`}
${recipient.deliveredByRunId && html`delivered by <code>${recipient.deliveredByRunId}</code>`}
${recipient.failure && renderFailure(recipient.failure, recipient.retry)}</td></tr>`;
}

/** What the customer has said, whose words are shown as text and nothing else. */
function renderReceipt(receipt: Receipt | null): Html | null {
  if (!receipt) return null;
  const { state, at, message } = receipt;
  return html`<br><span class="tag ${toneOfReceipt[state]}">${wordsOfReceipt[state]}</span>
<span class="quiet">${formatTime(at)}</span>${message && html`<br><span class="quiet">${message}</span>`}`;
}

function requestsOf({ requests: { s3, sts, retries } }: RunRecipient): string {
  const again = retries > 0 ? `, ${formatCount(retries)} of them again` : '';
  return `${formatCount(s3 + sts)}${again}`;
}

/** What was found, whose turn it is, what to do, and what happens by itself. */
function renderFailure(failure: RunFailure, retry: RecipientRetry | null): Html {
  const whose = {
    customer: "the customer's to mend",
    operator: 'yours to mend',
    aws: "AWS's, and may pass",
  }[failure.side];
  return html`<p class="failure">${failure.message}</p>
<p class="quiet">Cause <code>${failure.cause ?? failure.code}</code>, ${whose}</p>
<span class="fix">${failure.hint}</span>
${retry && html`<p class="quiet">Tried again by itself, not before ${formatTime(retry.at)}${retry.awaits === 'connection' && ', once a check finds the connection healthy'}</p>`}`;
}

function durationOf(run: Run): string {
  if (run.startedAt === null || run.completedAt === null) return '';
  return `, took ${formatDuration(Date.parse(run.completedAt) - Date.parse(run.startedAt))}`;
}

const toneOfReceipt: Readonly<Record<Receipt['state'], string>> = {
  received: 'good',
  rejected: 'bad',
  not_valid: 'mild',
  not_readable: '',
};

const wordsOfReceipt: Readonly<Record<Receipt['state'], string>> = {
  received: 'received',
  rejected: 'rejected by the customer',
  not_valid: 'receipt not valid',
  not_readable: 'receipts cannot be read',
};

const toneOfRun: Readonly<Record<RunState, string>> = {
  queued: '',
  running: 'mild',
  succeeded: 'good',
  partial: 'bad',
  failed: 'bad',
  cancelled: '',
};

const toneOfRecipient: Readonly<Record<RecipientState, string>> = {
  planned: '',
  preparing: 'mild',
  prepared: 'mild',
  committing: 'mild',
  delivered: 'good',
  unchanged: 'good',
  failed: 'bad',
  cancelled: '',
};
