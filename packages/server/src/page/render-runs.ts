import type { Delivery, RecipientState, Run, RunRecipient, RunState } from '@causeway/contract';
import { formatBytes, formatCount, formatDuration, formatTime } from './format.ts';
import { type Html, html } from './html.ts';
import type { Overview } from './overview.ts';

/** The standing orders: which dataset goes to whom, and how. */
export function renderDeliveries(overview: Overview): Html {
  if (overview.deliveries.length === 0) {
    return html`<p class="empty">No deliveries yet. <code>POST /v1/deliveries</code> makes the first.</p>`;
  }
  const rows = overview.deliveries.map((delivery) => renderDelivery(delivery, overview));
  return html`<div class="card scroll"><table>
<thead><tr><th>Delivery</th><th>Dataset</th><th>Mode</th><th>Format</th><th class="number">Customers</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function renderDelivery(delivery: Delivery, overview: Overview): Html {
  const dataset = overview.datasets.find((candidate) => candidate.id === delivery.datasetId);
  return html`<tr><td>${delivery.name}<br><code class="quiet">${delivery.id}</code></td>
<td>${dataset?.name ?? delivery.datasetId}</td><td>${delivery.mode}</td>
<td>${delivery.format}${delivery.compression !== 'none' && `, ${delivery.compression}`}</td>
<td class="number">${formatCount(delivery.customerIds.length)}</td></tr>`;
}

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
<div class="scroll"><table>
<thead><tr><th>Customer</th><th>State</th><th class="number">Rows</th><th class="number">Bytes</th>
<th class="number">Files</th><th class="number">No.</th><th>Manifest</th></tr></thead>
<tbody>${shown.map((recipient) => renderRecipient(recipient, overview))}</tbody>
</table></div>
${hidden > 0 && html`<p class="quiet">${formatCount(hidden)} more recipients: <code>GET /v1/runs/${run.id}</code></p>`}
</section>`;
}

function renderRecipient(recipient: RunRecipient, overview: Overview): Html {
  const customer = overview.customers.find((candidate) => candidate.id === recipient.customerId);
  const { failure } = recipient;
  const number = (value: string | number) => html`<td class="number">${value}</td>`;
  return html`<tr><td>${customer?.name ?? recipient.customerId}</td>
<td><span class="tag ${toneOfRecipient[recipient.state]}">${recipient.state}</span></td>
${number(formatCount(recipient.rows))}${number(formatBytes(recipient.bytes))}${number(recipient.files)}
${number(recipient.sequence ?? '')}
<td>${recipient.manifestKey && html`<code>${recipient.manifestKey}</code>`}
${recipient.deliveredByRunId && html`delivered by <code>${recipient.deliveredByRunId}</code>`}
${failure && html`<p class="failure">${failure.message}</p><span class="fix">${failure.hint}</span>`}</td></tr>`;
}

function durationOf(run: Run): string {
  if (run.startedAt === null || run.completedAt === null) return '';
  return `, took ${formatDuration(Date.parse(run.completedAt) - Date.parse(run.startedAt))}`;
}

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
