import { type Delivery, ruleInWords, scheduleInWords } from '@causeway/contract';
import { formatCount, formatTime } from './format.ts';
import { type Html, html } from './html.ts';
import type { Overview } from './overview.ts';

/** The standing orders: which dataset goes to whom, when and how. */
export function renderDeliveries(overview: Overview): Html {
  if (overview.deliveries.length === 0) {
    return html`<p class="empty">No deliveries yet. <code>POST /v1/deliveries</code> makes the first.</p>`;
  }
  const rows = overview.deliveries.map((delivery) => renderDelivery(delivery, overview));
  return html`<div class="card scroll"><table>
<thead><tr><th>Delivery</th><th>Dataset</th><th>Mode</th><th>Format</th><th>Customers</th><th>Runs</th><th>Next run</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function renderDelivery(delivery: Delivery, overview: Overview): Html {
  const { customerIds, customerRule, schedule, compression } = delivery;
  const dataset = overview.datasets.find((candidate) => candidate.id === delivery.datasetId);
  return html`<tr><td>${delivery.name}<br><code class="quiet">${delivery.id}</code></td>
<td>${dataset?.name ?? delivery.datasetId}</td><td>${delivery.mode}</td>
<td>${delivery.format}${compression !== 'none' && `, ${compression}`}</td>
<td>${customerRule ? ruleInWords(customerRule) : formatCount(customerIds.length)}</td>
<td>${scheduleInWords(schedule)}</td><td>${renderNext(delivery)}</td></tr>`;
}

function renderNext({ status, schedule, nextRunAt }: Delivery): Html | null {
  if (status !== 'active') return html`<span class="tag mild">${status}</span>`;
  if (nextRunAt === null) return null;
  // A source that is looked at every minute is looked at; whether it runs is another matter.
  return schedule?.type === 'on_change'
    ? html`<span class="quiet">looked at ${formatTime(nextRunAt)}</span>`
    : formatTime(nextRunAt);
}
