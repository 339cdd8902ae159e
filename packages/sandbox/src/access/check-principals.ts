import type { Policy } from '@causeway/policy';
import type { SandboxAccount } from '../accounts.ts';
import { type Entities, entityId } from './named-principals.ts';

interface Directory {
  readonly accounts: readonly SandboxAccount[];
  /** As far as it has spread: AWS refuses a principal that is too new, too. */
  readonly iam: Entities;
}

/**
 * Looks for a principal that does not exist, which AWS refuses when a policy is put.
 *
 * @returns the first such principal, or null.
 */
export function checkPrincipals(policy: Policy, directory: Directory): string | null {
  const named = policy.statements.flatMap((statement) => statement.principal?.aws ?? []);
  return named.find((principal) => !exists(principal, directory)) ?? null;
}

function exists(principal: string, { accounts, iam }: Directory): boolean {
  if (principal === '*') return true;
  const match = /^arn:aws:(?:iam|sts)::(\d{12}):(.+)$/.exec(principal);
  const accountId = match ? match[1] : principal;
  if (!accounts.some((account) => account.id === accountId)) return false;
  const entity = match?.[2] ?? 'root';
  if (entity === 'root') return true;
  if (/^(user|role)\//.test(entity)) return entityId(principal, iam) !== null;
  if (/^federated-user\/[^/]+$/.test(entity)) return true;
  const [, role] = /^assumed-role\/([^/]+)\/[^/]+$/.exec(entity) ?? [];
  return role !== undefined && iam.roles.get(`${accountId}/${role}`) !== undefined;
}
