import { isKeyAction, isTrustAction, namesPrincipals } from '../evaluate/consult.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { type Facts, gatherFacts } from '../evaluate/facts.ts';
import { isUsableAcrossAccounts } from '../evaluate/kms-access.ts';
import { matchStatement } from '../evaluate/match-statement.ts';
import type { AccessRequest } from '../model.ts';
import { type Attachments, policySetOf } from './attached-documents.ts';
import { documentLabel, statementLabel } from './change-candidate.ts';

/** Why no change is proposed, and what its owner must decide instead. */
export function whyNothing(request: AccessRequest, attachments: Attachments): string {
  const set = policySetOf(attachments);
  const facts = gatherFacts(request, set);
  const { decision, deniedBy } = evaluate(request, set);
  if (deniedBy === 'public access block') {
    return 'Leave the public access block on, and have the bucket policy name the accounts that may enter: then it is not public';
  }
  if (facts.caller.kind === 'anonymous') {
    return 'Sign the request: to allow it unsigned, the resource would have to be open to everyone';
  }
  if (decision === 'explicit_deny') return denied(facts, attachments);
  if (deniedBy === 'access control list') {
    return 'Have the account that owns the object grant access in its access control list, or set the ownership of the bucket to BucketOwnerEnforced: the bucket policy cannot allow it';
  }
  if (deniedBy === 'resource-based' && isKeyAction(request) && !isUsableAcrossAccounts(facts)) {
    return `Have the account of the key do it: AWS lets no other account call ${request.action}, whatever policies say`;
  }
  const isForeign = facts.caller.account !== request.resourceAccount;
  if (isTrustAction(request.action) && isForeign && !facts.context.has('sts:externalid')) {
    return 'Agree on an external ID with the owner of the role, pass it as sts:ExternalId and ask again: a role that another account may assume without one can be misused through that account';
  }
  return 'No change of a document would allow this request and nothing else: whoever owns the documents must decide how much more to allow';
}

/** Names the statements that must give way. */
function denied(facts: Facts, { documents }: Attachments): string {
  const names = documents.flatMap((given) => {
    const { policy } = given;
    return (policy?.statements ?? []).flatMap((statement, index) =>
      policy &&
      statement.effect === 'Deny' &&
      matchStatement(statement, policy.version, facts, namesPrincipals(given.type)).applies
        ? [`${statementLabel(statement, index)} of ${documentLabel(given)}`]
        : [],
    );
  });
  return `Have its owner narrow or remove ${names.join(' and ')}: no exception can be written that spares this request and nothing else`;
}
