import type { Policy } from '@causeway/policy';
import type { SandboxAccount } from '../accounts.ts';
import type { State } from '../state/state.ts';

/**
 * Looks for a principal that does not exist, which AWS refuses when a policy is put.
 *
 * @returns the first such principal, or null.
 */
export function checkPrincipals(
  policy: Policy,
  world: { readonly accounts: readonly SandboxAccount[]; readonly state: State },
): string | null {
  const named = policy.statements.flatMap((statement) => statement.principal?.aws ?? []);
  return named.find((principal) => !exists(principal, world)) ?? null;
}

function exists(
  principal: string,
  world: { readonly accounts: readonly SandboxAccount[]; readonly state: State },
): boolean {
  if (principal === '*') return true;
  const match = /^arn:aws:(iam|sts)::(\d{12}):(.+)$/.exec(principal);
  const accountId = match ? match[2] : principal;
  if (!world.accounts.some((account) => account.id === accountId)) return false;
  if (!match) return true;
  const [, , , entity = ''] = match;
  const name = `${accountId}/${entity.split('/').at(-1)}`;
  if (entity === 'root') return true;
  if (entity.startsWith('user/')) return world.state.users.has(name);
  if (entity.startsWith('role/')) return world.state.roles.has(name);
  const [, role] = /^assumed-role\/([^/]+)\/[^/]+$/.exec(entity) ?? [];
  return role !== undefined && world.state.roles.has(`${accountId}/${role}`);
}
