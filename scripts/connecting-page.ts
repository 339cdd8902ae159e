import { permissionsPolicy } from '../packages/policy/src/index.ts';
import { markdownTable } from './markdown-table.ts';

const start = '<!-- permissions: generated -->';
const end = '<!-- /permissions -->';

/** Puts the permissions that the code asks for into the page on connecting. */
export function fillConnectingPage(found: string): string {
  const [before = ''] = found.split(start);
  const after = found.split(end)[1] ?? '\n';
  return `${before}${start}\n\n${permissions()}\n\n${end}${after}`;
}

function permissions(): string {
  const rows = (['deliver', 'ingest', 'browse'] as const).flatMap((capability) => {
    const { Statement } = permissionsPolicy({
      bucket: 'acme-data',
      prefix: 'causeway/',
      capabilities: [capability],
    });
    return Statement.map(({ Action, Resource, Condition }, i) => [
      i === 0 ? `\`${capability}\`` : '',
      [Action]
        .flat()
        .map((action) => `\`${action}\``)
        .join(', '),
      `\`${[Resource].flat().join('`, `')}\``,
      Condition === undefined ? '' : `\`${JSON.stringify(Condition)}\``,
    ]);
  });
  return markdownTable(['Capability', 'Actions', 'On', 'If'], rows);
}
