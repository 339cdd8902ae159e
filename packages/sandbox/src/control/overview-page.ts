import type { Reply } from '../http/reply.ts';
import { escapeXml } from '../http/xml.ts';
import type { World } from '../world.ts';

const shownRequests = 200;

/** The page at `/_sandbox`: accounts, buckets, roles, users, faults and the last requests with the reason of each. */
export function overviewPage(world: World): Reply {
  const body = [
    '<h1>Causeway sandbox</h1>',
    '<p>A local AWS: S3, STS and IAM. Every request is authenticated and authorised.</p>',
    accountsTable(world),
    ...stateTables(world),
    faultsTable(world),
    requestsTable(world),
  ];
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
    body: page(body.join('\n')),
  };
}

function accountsTable({ accounts }: World): string {
  const rows = accounts.map(({ id, alias, accessKeyId }) => [id, alias, accessKeyId]);
  return table('Accounts', ['Id', 'Alias', 'Root access key'], rows);
}

function stateTables({ state }: World): string[] {
  const buckets = [...state.buckets.under('')].map((bucket) => [
    bucket.name,
    bucket.accountId,
    bucket.region,
    bucket.createdAt,
    bucket.policy ?? '',
  ]);
  const roles = [...state.roles.under('')].map((role) => [
    role.name,
    role.accountId,
    role.trustPolicy,
  ]);
  const users = [...state.users.under('')].map((user) => [
    user.name,
    user.accountId,
    user.createdAt,
  ]);
  return [
    table('Buckets', ['Name', 'Account', 'Region', 'Created', 'Policy'], buckets),
    table('Roles', ['Name', 'Account', 'Trust policy'], roles),
    table('Users', ['Name', 'Account', 'Created'], users),
  ];
}

function faultsTable({ faults }: World): string {
  const rows = faults
    .list()
    .map((fault) => [
      fault.id,
      fault.operation,
      JSON.stringify(fault.effect),
      String(fault.caught),
      String(fault.holding),
    ]);
  return table('Faults', ['Id', 'Operation', 'Effect', 'Caught', 'Holding'], rows);
}

function requestsTable(world: World): string {
  const rows = [...world.history.last(shownRequests)]
    .reverse()
    .map((record) => [
      record.at,
      record.operation ?? `${record.method} ${record.path}`,
      record.principal ?? '',
      record.resource ?? '',
      record.status === null
        ? record.outcome.replaceAll('_', ' ')
        : `${record.status} ${record.code ?? ''}`,
      record.decision?.replaceAll('_', ' ') ?? '',
      record.because ?? '',
      record.fault === null ? '' : `${record.fault} (${record.faultEffect})`,
    ]);
  const heads = [
    'At',
    'Operation',
    'Principal',
    'Resource',
    'Answer',
    'Decision',
    'Because',
    'Fault',
  ];
  return table(`Last requests, newest first`, heads, rows);
}

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = heads.map((text) => `<th scope="col">${escapeXml(text)}</th>`).join('');
  const lines = rows.map(
    (row) => `<tr>${row.map((text) => `<td>${escapeXml(text)}</td>`).join('')}</tr>`,
  );
  const content =
    rows.length === 0
      ? '<p>None.</p>'
      : `<table><thead><tr>${head}</tr></thead><tbody>${lines.join('\n')}</tbody></table>`;
  return `<h2>${escapeXml(title)}</h2>\n${content}`;
}

function page(body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Causeway sandbox</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; font-size: 13px; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
</style>
</head>
<body>
${body}
</body>
</html>
`;
}
