import type { World } from '../world.ts';
import type { RequestRecord } from './history.ts';
import { type Html, html } from './html.ts';
import { section } from './section.ts';

const shownRequests = 200;

/** The last requests, newest first, each with who asked, for what, the answer, and the reason. */
export function requestsSection({ history }: World, refusedOnly: boolean): Html {
  const records = [...history.last(Number.MAX_SAFE_INTEGER)]
    .reverse()
    .filter((record) => !refusedOnly || !isWell(record))
    .slice(0, shownRequests);
  const choice = refusedOnly
    ? html`<nav><a href="/_sandbox">Show all</a></nav>`
    : html`<nav><a href="/_sandbox?show=refused">Show only what was refused or failed</a></nav>`;
  const rows = records.map((record) => [
    html`${record.at.slice(11, 23)}<small>${record.at.slice(0, 10)}</small>`,
    html`${record.operation ?? `${record.method} ${record.path}`}<small>${record.service.toUpperCase()} ${record.resource}</small>`,
    record.principal ?? 'nobody known',
    answer(record),
    reason(record),
  ]);
  const heads = ['At', 'Request', 'By', 'Answer', 'Why'];
  return html`${section('Last requests', heads, rows, choice)}`;
}

function isWell({ status, outcome }: RequestRecord): boolean {
  return outcome === 'under_way' || (outcome === 'answered' && status !== null && status < 400);
}

function answer(record: RequestRecord): Html {
  const { status, code, outcome } = record;
  if (status === null || outcome === 'dropped') {
    return html`<span class="odd">${outcome.replaceAll('_', ' ')}</span>`;
  }
  const look = status < 400 ? 'good' : 'bad';
  return html`<span class="${look}">${status}</span> ${code}`;
}

/** What was decided and by which statement, and the fault, if one struck. */
function reason(record: RequestRecord): Html {
  const { decision, because, statements, fault, faultEffect } = record;
  const decided =
    decision === null
      ? html``
      : html`<span class="${decision === 'allowed' ? 'good' : 'bad'}">${decision.replaceAll('_', ' ')}</span> ${because}`;
  const deciding = statements.map(
    ({ policy, sid, effect }) =>
      html`<small>${effect} by ${sid === null ? 'a statement without Sid' : `"${sid}"`} of ${policy}</small>`,
  );
  const struck =
    fault === null ? html`` : html`<small class="odd">${fault}: ${faultEffect}</small>`;
  return html`${decided}${deciding}${struck}`;
}
