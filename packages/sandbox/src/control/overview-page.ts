import type { Incoming } from '../http/incoming.ts';
import type { Reply } from '../http/reply.ts';
import type { World } from '../world.ts';
import { type Html, html } from './html.ts';
import { overviewStyle } from './overview-style.ts';
import { requestsSection } from './requests-section.ts';
import { stateSections } from './state-sections.ts';

/**
 * The page at `/_sandbox`: the last requests with why each was allowed or
 * refused, and what there is in the sandbox. Plain HTML; `?show=refused` leaves
 * out what was answered well.
 */
export function overviewPage({ query }: Incoming, world: World): Reply {
  const refusedOnly = query.get('show') === 'refused';
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Causeway sandbox</title>
<style>${{ markup: overviewStyle }}</style>
</head>
<body>
<header>
<h1>Causeway sandbox</h1>
<p>A local AWS. Every request is authenticated, and authorised by every policy that applies.</p>
${facts(world)}
</header>
<main>
${requestsSection(world, refusedOnly)}
${stateSections(world)}
</main>
</body>
</html>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'cache-control': 'no-store',
    },
    body: markup,
  };
}

function facts({ clock, iam, faults, secureTransport }: World): Html {
  const time = clock.now().toISOString();
  const ahead = Math.round((clock.now().getTime() - clock.baseTime().getTime()) / 1000);
  const moved = ahead === 0 ? '' : `, ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead' : 'behind'}`;
  return html`<dl class="facts">
<div><dt>Clock</dt><dd>${time}${moved}${clock.frozen ? ', frozen' : ''}</dd></div>
<div><dt>Changes of IAM spread</dt><dd>${iam.delaySeconds === 0 ? 'at once' : `after ${iam.delaySeconds} s`}</dd></div>
<div><dt>Faults in force</dt><dd>${faults.list().length}</dd></div>
<div><dt>The plain port counts as</dt><dd>${secureTransport ? 'TLS' : 'what it is: no TLS'}</dd></div>
</dl>`;
}
