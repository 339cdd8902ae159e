import {
  CausewayError,
  type Connection,
  type ConnectionBy,
  formatRoleArn,
  parseRoleArn,
  type RoleName,
} from '@causeway/contract';
import type { Operator } from './operator.ts';
import { isOwnAccount, partitionOfOperator } from './operator-without-account.ts';

/** What a connection says of the customer's role. */
type RoleOf = Pick<ConnectionBy<'role'>, 'roleName' | 'roleArn'>;

/**
 * Reads the ARN of a role that the customer has already: any name and path, in an
 * account that is not the operator's own, where no role would ask for an external ID.
 *
 * @throws CausewayError `invalid_role_arn`, `account_not_allowed`.
 */
export function readCustomerRole(roleArn: string, operator: Operator): RoleName {
  const role = parseRoleArn(roleArn);
  const partition = partitionOfOperator(operator);
  if (role.partition !== partition) {
    const reason = `it is in partition "${role.partition}", and roles of "${partition}" alone can be assumed from here`;
    throw new CausewayError('invalid_role_arn', { found: roleArn, reason });
  }
  refuseOwnAccount(role.accountId, operator);
  return role;
}

/** @throws CausewayError `account_not_allowed`. */
export function refuseOwnAccount(accountId: string | undefined, operator: Operator): void {
  if (accountId === undefined || !isOwnAccount(accountId, operator)) return;
  throw new CausewayError('account_not_allowed', { accountId });
}

/** The same role, by name and path, in this account. */
export function roleArnIn(accountId: string, role: RoleOf, operator: Operator): string {
  const partition = partitionOfOperator(operator);
  return formatRoleArn({ partition, accountId, path: rolePath(role), name: role.roleName });
}

/** `/` as long as nothing else is known. */
export function rolePath({ roleArn }: RoleOf): string {
  return roleArn === null ? '/' : parseRoleArn(roleArn).path;
}

/** Whether the role is one that others may use too, other connections among them. */
export function hasExistingRole(connection: Connection): boolean {
  return 'existingRole' in connection && connection.existingRole;
}
