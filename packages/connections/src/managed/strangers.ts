import type { ConnectionBy } from '@causeway/contract';
import {
  evaluate,
  type PolicyDocument,
  parsePolicy,
  type StatementDocument,
} from '@causeway/policy';

/**
 * Whom a policy allows something who is not of these accounts, as the policy names them.
 * Conditions count for nothing: a stranger who needs a condition to stay out is one too many.
 */
export function strangersIn(policy: PolicyDocument, accounts: readonly string[]): string[] {
  const allows = policy.Statement.filter(({ Effect }) => Effect === 'Allow');
  const principals = new Set(allows.flatMap(principalsOf));
  return [...principals].filter((principal) => !accounts.includes(accountOf(principal)));
}

/** `NotPrincipal` with Allow means everybody else; AWS takes no new ones, but keeps old ones. */
function principalsOf(statement: StatementDocument): string[] {
  const { Principal } = statement;
  if (Principal === undefined || Principal === '*') return ['everybody'];
  return Object.values(Principal)
    .flat()
    .map((each) => (each === '*' ? 'everybody' : each));
}

/** Of an ARN or a plain account number; of an AWS service or canonical user ID nothing. */
function accountOf(principal: string): string {
  if (/^[0-9]{12}$/.test(principal)) return principal;
  return principal.split(':')[4] ?? '';
}

/** An account that nobody has: AWS numbers do not begin with so many zeros. */
const nobodysAccount = '000000000001';

/**
 * Who may assume the role by its trust policy and must not: strangers that it names, an
 * account that nobody has, and with an external ID the customer's own callers without it.
 */
export function trustFaults(
  trust: PolicyDocument,
  { roleArn, accountId, customerAccountId, externalId }: ConnectionBy<'operator_role'>,
): string[] {
  const resourcePolicy = parsePolicy(trust, { name: 'trust policy', type: 'trust' });
  const [, partition] = roleArn.split(':');
  const mayAssume = (account: string, id?: string) => {
    const principal = `arn:${partition}:iam::${account}:role/somebody`;
    const request = {
      principal,
      action: 'sts:AssumeRole',
      resource: roleArn,
      resourceAccount: accountId ?? '',
      context: id === undefined ? {} : { 'sts:ExternalId': id },
    };
    return (
      evaluate(request, { identityPolicies: [assumesAll], resourcePolicy }).decision === 'allowed'
    );
  };
  const ids = externalId === null ? [undefined] : [externalId, undefined, 'cw-another'];
  return [
    ...strangersIn(trust, [customerAccountId]),
    ...(ids.some((id) => mayAssume(nobodysAccount, id)) ? ['any account'] : []),
    ...(externalId !== null && mayAssume(customerAccountId)
      ? ['the customer without the external ID']
      : []),
    ...(externalId !== null && mayAssume(customerAccountId, 'cw-another')
      ? ['the customer with any external ID']
      : []),
  ];
}

/** The callers' own accounts are not what keeps them out. */
const assumesAll = parsePolicy(
  {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
  },
  { name: 'identity policy', type: 'identity' },
);
