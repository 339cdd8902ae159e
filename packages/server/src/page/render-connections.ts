import {
  type CheckReport,
  type Connection,
  type ConnectionStatus,
  type Customer,
  formatLocation,
  type Verdict,
} from '@causeway/contract';
import { formatDuration, formatTime } from './format.ts';
import { type Html, html } from './html.ts';
import type { Overview } from './overview.ts';

/** One card for each customer, with its connections and the last check of each. */
export function renderConnections(overview: Overview): Html {
  if (overview.customers.length === 0) {
    return html`<p class="empty">No customers yet. <code>POST /v1/customers</code> makes the first.</p>`;
  }
  const cards = overview.customers.map((customer) =>
    renderCustomer(
      customer,
      overview.connections.filter((connection) => connection.customerId === customer.id),
    ),
  );
  const more =
    overview.cut.includes('customers') &&
    html`<p class="quiet">These are the newest. <code>GET /v1/customers</code> lists all.</p>`;
  return html`${cards}${more}`;
}

function renderCustomer(customer: Customer, connections: readonly Connection[]): Html {
  return html`<section class="card">
<div class="title"><h3>${customer.name}</h3>
<span class="quiet">reference <code>${customer.reference}</code></span>
<span class="quiet"><code>${customer.id}</code></span></div>
${connections.length === 0 && html`<p class="quiet">No connection yet.</p>`}
${connections.map(renderConnection)}
</section>`;
}

function renderConnection(connection: Connection): Html {
  const { lastCheck } = connection;
  return html`<dl class="facts">
<dt>Connection</dt><dd><span class="tag ${toneOfStatus[connection.status]}">${connection.health.label}</span>
<code>${connection.id}</code></dd>
${renderHealth(connection)}
<dt>Location</dt><dd><code>${placeOf(connection)}</code>${connection.region && ` in ${connection.region}`}</dd>
<dt>Access</dt><dd>${connection.access}${'roleArn' in connection && html` by <code>${connection.roleArn ?? connection.roleName}</code>`}</dd>
<dt>May</dt><dd>${connection.capabilities.join(', ')}</dd>
</dl>
${lastCheck ? renderCheck(lastCheck) : html`<p class="quiet">Not checked yet.</p>`}`;
}

/** Why it stands so, since when, and what a person does next. */
function renderHealth({ health }: Connection): Html {
  const { reason, since, nextAction, nextCheckAt } = health;
  return html`<dt>Because</dt><dd>${reason}, since ${formatTime(since)}</dd>
${nextAction && html`<dt>Next</dt><dd class="next">${nextAction.text}</dd>`}
${nextCheckAt && html`<dt>Checked again</dt><dd>${formatTime(nextCheckAt)}, or before the next run</dd>`}`;
}

function placeOf({ bucket, prefix }: Connection): string {
  return bucket === null ? 'not named yet' : formatLocation({ bucket, prefix });
}

function renderCheck(check: CheckReport): Html {
  const open = check.outcome !== 'healthy' && 'open';
  const passed = check.steps.filter((step) => step.verdict === 'passed').length;
  return html`<details id="check-${check.connectionId}" ${open}>
<summary>Last check: ${check.outcome}, ${passed} of ${check.steps.length} steps passed,
${formatTime(check.checkedAt)}</summary>
<div class="scroll"><table>
<thead><tr><th>Step</th><th>Verdict</th><th>What was found</th><th class="number">Took</th></tr></thead>
<tbody>${check.steps.map(renderStep)}</tbody>
</table></div>
</details>`;
}

function renderStep(step: CheckReport['steps'][number]): Html {
  return html`<tr><td>${step.title}</td>
<td><span class="tag ${toneOfVerdict[step.verdict]}">${step.verdict}</span></td>
<td>${step.message}${step.fix && html`<span class="fix">${step.fix.text}</span>`}</td>
<td class="number">${formatDuration(step.durationMs)}</td></tr>`;
}

const toneOfStatus: Readonly<Record<ConnectionStatus, string>> = {
  draft: 'mild',
  active: 'good',
  needs_customer: 'bad',
  failing: 'bad',
  insecure: 'bad',
  revoked: 'bad',
  paused: 'mild',
};

const toneOfVerdict: Readonly<Record<Verdict, string>> = {
  passed: 'good',
  failed: 'bad',
  warned: 'mild',
  skipped: '',
};
