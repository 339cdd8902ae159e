import type { StatementDocument } from '../model.ts';
import { checkAccount, checkSamePartition, readPrincipalArn } from './check-input.ts';
import { PolicyInputError } from './policy-input-error.ts';

type Principals = Pick<StatementDocument, 'Principal' | 'Condition'>;

/**
 * Whom a statement of a resource is for: whole accounts, or single roles and users.
 *
 * A role or user is named by its account and a condition. In `Principal` AWS would
 * keep its unique ID, so that a role made anew would be locked out, and would refuse
 * the policy as long as the role does not exist. Either way the account's own
 * policies must allow too.
 *
 * @throws PolicyInputError
 */
export function principalsElement(
  field: string,
  given: readonly string[],
  partition: string,
): Principals {
  const arns = given.filter((principal) => principal.startsWith('arn:'));
  if (given.length === 0 || (arns.length > 0 && arns.length < given.length)) {
    throw new PolicyInputError(
      field,
      given.length === 0 ? 'names nobody' : 'names accounts beside roles or users',
      'Give account numbers, or else ARNs of roles and users: an account already includes all of its own',
    );
  }
  const root = (account: string) => `arn:${partition}:iam::${account}:root`;
  if (arns.length === 0) {
    return { Principal: { AWS: oneOrMore(given.map((id) => root(checkAccount(field, id)))) } };
  }
  const named = arns.map((arn) => readPrincipalArn(field, arn));
  for (const principal of named) checkSamePartition(field, principal.partition, partition);
  return {
    Principal: { AWS: oneOrMore(named.map(({ accountId }) => root(accountId))) },
    Condition: { ArnEquals: { 'aws:PrincipalArn': oneOrMore(arns) } },
  };
}

/** A statement for these principals alone, under its name. */
export function forPrincipals(
  sid: string,
  statement: StatementDocument,
  { Principal, Condition }: Principals,
): StatementDocument {
  const { Sid: _, Effect, Condition: own, ...rest } = statement;
  const condition = own || Condition ? { Condition: { ...Condition, ...own } } : {};
  return { Sid: sid, Effect, ...(Principal && { Principal }), ...rest, ...condition };
}

/** AWS shows a list of one as text, and so do we; what is there twice counts once. */
export function oneOrMore(values: readonly string[]): string | readonly string[] {
  const unique = [...new Set(values)];
  return unique.length === 1 ? (unique[0] ?? '') : unique;
}
