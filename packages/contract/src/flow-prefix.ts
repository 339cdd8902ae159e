import type { Capability } from './access.ts';
import type { Connection } from './connections.ts';

/** Where in a managed bucket a capability has its files: each side writes in its own. */
const managedFolders: Readonly<Record<Capability, string>> = {
  ingest: 'inbound/',
  deliver: 'outbound/',
  browse: 'files/',
};

/** The prefix that a flow is confined to: the connection's own, or its folder in a managed bucket. */
export function flowPrefix(
  connection: Pick<Connection, 'owner' | 'prefix'>,
  capability: Capability,
): string {
  const { owner, prefix } = connection;
  return owner === 'operator' ? `${prefix}${managedFolders[capability]}` : prefix;
}
