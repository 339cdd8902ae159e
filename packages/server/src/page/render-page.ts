import { Html, html } from './html.ts';
import type { Overview } from './overview.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { renderConnections } from './render-connections.ts';
import { renderDeliveries } from './render-deliveries.ts';
import { renderRuns } from './render-runs.ts';

/** The whole page. Without an overview it says where things are, and nothing of what is kept here. */
export function renderPage(overview: Overview | null, version: string): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Causeway</title>
<link rel="icon" href="data:,">
<style>${new Html(pageStyle)}</style>
${overview && new Html('<noscript><meta http-equiv="refresh" content="5"></noscript>')}
</head>
<body>
<header>
<h1>Causeway</h1>
<p>The S3 layer between a software company and its customers</p>
<nav><a href="/managed-buckets">Managed buckets</a><a href="/reference/">API reference</a><a href="/openapi.json">openapi.json</a></nav>
</header>
<main>${overview ? renderOverview(overview) : renderDoor()}</main>
<footer>Causeway ${version}. <span id="state" role="status"></span></footer>
${overview && html`<script>${new Html(pageScript)}</script>`}
</body>
</html>
`;
  return page.markup;
}

function renderDoor(): Html {
  return html`<h2>The API answers here</h2>
<p class="empty">Requests to <code>/v1/...</code> need an API key. The reference tells every operation.
What is kept here is shown on this page only to the computer it runs on, by <code>causeway dev</code>.</p>`;
}

function renderOverview(overview: Overview): Html {
  return html`${renderCounts(overview)}
<h2>Customers and their connections</h2>
${renderConnections(overview)}
<h2>Deliveries</h2>
${renderDeliveries(overview)}
<h2>Runs</h2>
${renderRuns(overview)}`;
}

function renderCounts(overview: Overview): Html {
  const { customers, connections, datasets, deliveries, runs } = overview;
  const active = connections.filter((connection) => connection.status === 'active');
  const count = (noun: string, one: string, many: string, items: readonly unknown[]) => {
    const more = overview.cut.includes(noun) && '+';
    const label = items.length === 1 && !more ? one : many;
    return html`<div><dt>${label}</dt><dd>${items.length}${more}</dd></div>`;
  };
  return html`<dl class="counts">
${count('customers', 'customer', 'customers', customers)}
${count('connections', 'connection', 'connections', connections)}
${count('connections', 'of them active', 'of them active', active)}
${count('datasets', 'dataset', 'datasets', datasets)}
${count('deliveries', 'delivery', 'deliveries', deliveries)}
${count('runs', 'run', 'runs', runs)}
</dl>`;
}
