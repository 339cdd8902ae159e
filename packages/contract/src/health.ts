import { z } from 'zod';
import type { ConnectionStatus } from './access.ts';
import type { CheckReport, CheckStep } from './checks.ts';

/** What a person does next about a connection; the text says it in one sentence. */
export const NextAction = z
  .object({
    code: z.enum([
      'send_setup',
      'check',
      'confirm_account',
      'send_fix',
      'fix_here',
      'wait',
      'reconnect',
      'resume',
    ]),
    text: z.string(),
  })
  .meta({ id: 'NextAction' });
export type NextAction = z.infer<typeof NextAction>;

/** A connection's health as people read it: one word, a reason, and what to do next. */
export const ConnectionHealth = z
  .object({
    label: z.string().describe('The status in words, such as "Needs customer"'),
    reason: z.string(),
    since: z.iso.datetime().describe('When the connection came into its status'),
    nextAction: NextAction.nullable().describe('Null when there is nothing to do'),
    nextCheckAt: z.iso.datetime().nullable().describe('Null while nothing is checked by itself'),
  })
  .meta({ id: 'ConnectionHealth' });
export type ConnectionHealth = z.infer<typeof ConnectionHealth>;

/** What health is read from. */
export interface HealthFacts {
  readonly status: ConnectionStatus;
  readonly accountId: string | null;
  readonly accountConfirmed: boolean;
  readonly lastCheck: CheckReport | null;
  readonly since: string;
  readonly nextCheckAt: string | null;
}

/** Says how a connection is, whose turn it is, and what that one does. */
export function healthOf(facts: HealthFacts): ConnectionHealth {
  const { since, nextCheckAt } = facts;
  return { label: labels[facts.status], ...findingOf(facts), since, nextCheckAt };
}

const labels: Readonly<Record<ConnectionStatus, string>> = {
  draft: 'Setting up',
  active: 'Healthy',
  needs_customer: 'Needs customer',
  failing: 'Failing',
  insecure: 'Insecure',
  revoked: 'Revoked',
  paused: 'Paused',
};

type HealthFinding = Pick<ConnectionHealth, 'reason' | 'nextAction'>;

function findingOf(facts: HealthFacts): HealthFinding {
  const { status, lastCheck } = facts;
  switch (status) {
    case 'draft':
      return lastCheck === null ? notCheckedYet : toBeCheckedAgain;
    case 'active':
      return facts.accountConfirmed
        ? { reason: passed(lastCheck), nextAction: null }
        : unconfirmed(facts);
    case 'paused':
      return {
        reason: 'Somebody paused it',
        nextAction: { code: 'resume', text: 'Resume the connection when data may move again' },
      };
    case 'revoked':
      return customersTurn(
        lastCheck,
        'reconnect',
        'Ask the customer whether access was meant to end; if not',
      );
    case 'needs_customer':
    case 'insecure':
      return customersTurn(lastCheck, 'send_fix', 'Send the customer the fix');
    case 'failing':
      return ownTurn(lastCheck);
  }
}

const notCheckedYet: HealthFinding = {
  reason: 'It was not checked yet',
  nextAction: {
    code: 'send_setup',
    text: 'Send the customer the setup guide, and check the connection when that is done',
  },
};

const toBeCheckedAgain: HealthFinding = {
  reason: 'It was changed or resumed since its last check',
  nextAction: { code: 'check', text: 'Check the connection' },
};

function unconfirmed({ accountId }: HealthFacts): HealthFinding {
  return {
    reason: `The account ${accountId} came through a setup link and is not confirmed`,
    nextAction: {
      code: 'confirm_account',
      text: `Confirm that ${accountId} is the customer's AWS account: no data moves before`,
    },
  };
}

function customersTurn(
  lastCheck: CheckReport | null,
  code: NextAction['code'],
  what: string,
): HealthFinding {
  const step = worstStep(lastCheck);
  const fix = step?.fix?.text ?? 'Check the connection again and follow its report';
  return { reason: reasonOf(step), nextAction: { code, text: `${what}: ${fix}` } };
}

function ownTurn(lastCheck: CheckReport | null): HealthFinding {
  const step = worstStep(lastCheck);
  const nextAction: NextAction =
    step?.side === 'aws'
      ? { code: 'wait', text: 'Wait for AWS: the connection is checked again by itself' }
      : {
          code: 'fix_here',
          text: step?.fix?.text ?? 'Check the connection again and follow its report',
        };
  return { reason: reasonOf(step), nextAction };
}

/** The first failure that is not the customer's to mend decides, as it does for the status. */
export function worstStep(lastCheck: CheckReport | null): CheckStep | undefined {
  const failed = lastCheck?.steps.filter(({ verdict }) => verdict === 'failed') ?? [];
  return failed.find(({ side }) => side !== 'customer') ?? failed[0];
}

function reasonOf(step: CheckStep | undefined): string {
  return step?.message ?? 'The last check did not pass';
}

function passed(lastCheck: CheckReport | null): string {
  const advice = lastCheck?.steps.find(({ verdict }) => verdict === 'warned');
  if (advice === undefined) return 'The last check passed';
  return `The last check passed, with advice: ${advice.message}`;
}
