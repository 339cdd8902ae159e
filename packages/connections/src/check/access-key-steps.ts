import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ConnectionBy, PlacedConnection } from '@causeway/contract';
import { accessKeyMissing, currentAccessKey } from '../access-keys/access-key-secret.ts';
import { isElsewhere } from '../access-keys/store-reach.ts';
import { principalArn } from '../create-connection.ts';
import { askIdentity } from './ask-sts.ts';
import { attempt, type Refused } from './attempt.ts';
import {
  type AccessSteps,
  bucketOf,
  type CheckContext,
  type CheckStepDefinition,
  connectionBy,
  type Finding,
} from './check-context.ts';
import { rankedCauses, sideOf } from './finding-parts.ts';
import { probeStore } from './probe-store.ts';
import { isDenied, signalFinding } from './refusal-finding.ts';
import { signalOf } from './signals.ts';

const steps: readonly CheckStepDefinition[] = [
  {
    id: 'key.valid',
    title: 'The access key works',
    after: ['parse'],
    run: proveKey,
  },
  {
    id: 'key.kind',
    title: "The access key is that of a user of the customer's account",
    after: ['key.valid'],
    // Other stores have no STS to ask.
    appliesTo: (connection) => !isElsewhere(connection),
    run: judgeKey,
  },
  {
    id: 'key.age',
    title: 'The access key is not old',
    after: ['parse'],
    mootIfFailed: ['key.valid'],
    run: judgeAge,
  },
  {
    id: 'store.capabilities',
    title: 'The store keeps data as whole as AWS does',
    after: ['object.write'],
    appliesTo: isElsewhere,
    run: probeStore,
  },
];

/**
 * Whether the key works and whose it is. A key lets in whoever has it, so there is no
 * proof that others are refused; what shows how far it reaches is the step `scope`.
 */
export const accessKeySteps: AccessSteps = {
  steps,
  session: 'key.valid',
  principal: (connection, { operator }) => {
    const { userName, accountId } = connection as ConnectionBy<'access_key'>;
    const arn = principalArn('user', userName, accountId, operator) ?? '';
    return { noun: isElsewhere(connection) ? 'the access key' : `user "${userName}"`, arn };
  },
};

async function proveKey(context: CheckContext): Promise<Finding> {
  const connection = connectionBy(context, 'access_key');
  const { secrets } = context.deps;
  const key = secrets ? await currentAccessKey(connection, secrets) : null;
  if (!key) {
    return {
      ...failed(accessKeyMissing.cause, 'No access key has been entered'),
      fix: { document: 'accessKey', text: accessKeyMissing.fix },
    };
  }
  context.session = key;
  return isElsewhere(connection) ? tryAtStore(context) : tryAtSts(context);
}

/** It needs no permission, so a refusal is about the key itself. A new key takes a moment to spread. */
async function tryAtSts(context: CheckContext): Promise<Finding> {
  const answer = await context.untilSpread(
    () => askIdentity(context, context.session),
    (found) => found.ok || found.code !== 'InvalidClientTokenId',
  );
  if (!answer.ok) return keyRefused(context, answer);
  const { Arn: arn = '', Account: accountId = '' } = answer.value;
  context.identity = { arn, accountId };
  const name = /:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  if (name !== undefined) context.principal = { noun: `user "${name}"`, arn };
  return { verdict: 'passed', message: `The key is that of ${arn}`, evidence: answer.evidence };
}

/** A store that denies access or has no such bucket has accepted the signature before. */
async function tryAtStore(context: CheckContext): Promise<Finding> {
  const { region, prefix } = context.connection;
  const client = context.s3(context.session, region ?? 'us-east-1');
  const answer = await attempt('s3:ListObjectsV2', () =>
    client.send(new ListObjectsV2Command({ ...bucketOf(context), Prefix: prefix, MaxKeys: 1 })),
  );
  const cause = answer.ok
    ? undefined
    : signalOf(answer.code, answer.evidence.message ?? '', 'access_key')?.cause;
  const isKnown = answer.ok || isDenied(answer) || !aboutKeys.has(cause ?? '');
  if (!isKnown && !answer.ok) return keyRefused(context, answer);
  return { verdict: 'passed', message: 'The store accepts the key', evidence: answer.evidence };
}

const aboutKeys: ReadonlySet<string> = new Set([
  'access_key_unknown',
  'secret_key_wrong',
  'clock_skewed',
  'session_token_invalid',
  'credentials_expired',
]);

function keyRefused(context: CheckContext, answer: Refused): Finding {
  const finding = signalFinding(context, answer, { what: 'use the access key' });
  if (finding.cause !== 'access_key_unknown') return finding;
  return { ...finding, causes: rankedCauses('access_key_unknown', 'not_spread_yet') };
}

async function judgeKey(context: CheckContext): Promise<Finding> {
  const { arn = '', accountId = '' } = context.identity ?? {};
  const expected = context.connection.accountId;
  const fix = {
    document: 'accessKey',
    text: `Make an access key of an IAM user in account ${expected ?? accountId}, enter it, and remove this one`,
  } as const;
  if (arn.endsWith(':root')) {
    return {
      ...failed(
        'access_key_of_root',
        `The key is that of the root user of account ${accountId}, which may do everything there`,
      ),
      fix,
    };
  }
  if (!arn.includes(':user/')) {
    return {
      ...failed('access_key_temporary', `The key is that of ${arn}, which is no user`),
      fix,
    };
  }
  if (expected !== null && accountId !== expected) {
    return {
      ...failed(
        'access_key_account_mismatch',
        `The key belongs to account ${accountId}, expected ${expected}`,
      ),
      fix,
    };
  }
  return { verdict: 'passed', message: `${arn} is a user of account ${accountId}` };
}

const dayMs = 86_400_000;
/**
 * AWS advises to replace keys at least every 90 days.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
 */
const oldDays = 90;

/** Counted from when it was entered: older it may be, and asking AWS would take a permission. */
async function judgeAge({ connection, deps }: CheckContext): Promise<Finding> {
  const key = currentOf(connection);
  if (!key) return { verdict: 'skipped', message: 'There is no key' };
  const now = deps.now?.() ?? new Date();
  const days = Math.floor((now.getTime() - Date.parse(key.addedAt)) / dayMs);
  if (days < oldDays) {
    return {
      verdict: 'passed',
      message: `The key was entered ${days === 1 ? '1 day' : `${days} days`} ago`,
    };
  }
  return {
    ...failed(
      'access_key_old',
      `The key was entered ${days} days ago; AWS advises to replace keys within ${oldDays}`,
    ),
    verdict: 'warned',
    fix: {
      document: 'accessKey',
      text: 'Make a second key of the same user, enter it, make it current, then remove this one here and in IAM',
    },
  };
}

function currentOf(connection: PlacedConnection) {
  if (connection.access !== 'access_key') return undefined;
  return connection.accessKeys.find(({ current }) => current);
}

function failed(cause: Parameters<typeof sideOf>[0], message: string): Finding {
  return { verdict: 'failed', side: sideOf(cause), cause, message };
}
