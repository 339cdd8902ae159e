import type { ConnectionBy } from '@causeway/contract';
import { askIdentity } from './ask-sts.ts';
import {
  type CheckContext,
  type CheckStepDefinition,
  type Finding,
  sessionOf,
} from './check-context.ts';
import { signalFinding } from './refusal-finding.ts';

/** Whoever was let in, is it the role of that account? After the step that assumes it. */
export function sessionIdentityStep(after: CheckStepDefinition['id']): CheckStepDefinition {
  return {
    id: 'role.account',
    title: 'The session belongs to the right account and role',
    after: [after],
    run: sessionIdentity,
  };
}

async function sessionIdentity(context: CheckContext): Promise<Finding> {
  const { accountId, roleName } = context.connection as ConnectionBy<'role' | 'web_identity'>;
  const answer = await askIdentity(context, sessionOf(context));
  if (!answer.ok) return signalFinding(context, answer, { what: 'ask STS whose session it is' });
  const arn = answer.value.Arn ?? '';
  const matches = answer.value.Account === accountId && arn.includes(`:assumed-role/${roleName}/`);
  if (matches)
    return { verdict: 'passed', message: `The session is ${arn}`, evidence: answer.evidence };
  return {
    verdict: 'failed',
    side: 'customer',
    cause: 'role_account_mismatch',
    message: `The session is "${arn}", expected role "${roleName}" of account ${accountId}`,
    fix: { document: 'connection', text: 'Make a connection for the account that holds the role' },
    evidence: answer.evidence,
  };
}
