import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import {
  CausewayError,
  type CheckReport,
  type CheckStep,
  type CheckStepId,
  type ConnectionStatus,
  formatLocation,
  type PlacedConnection,
  parseLocation,
  randomDigits,
} from '@causeway/contract';
import type { Attempt } from './attempt.ts';
import { bucketSteps } from './check-bucket.ts';
import type {
  CheckContext,
  CheckedPrincipal,
  CheckStepDefinition,
  Finding,
  SessionCredentials,
} from './check-context.ts';
import { objectSteps } from './check-objects.ts';
import { roleSteps } from './check-role.ts';
import type { Operator } from './create-connection.ts';
import { setupGuide } from './setup-guide.ts';

/** What a check needs from the outside. The server passes AWS or the sandbox. */
export interface CheckDeps {
  readonly operator: Operator;
  /** The operator's own credentials, which assume the customers' roles. */
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
  readonly region: string;
  /** Points every AWS client elsewhere, such as at the sandbox. */
  readonly endpoint?: string;
  readonly now?: () => Date;
  /** How long a change in IAM is given to spread before a refusal counts. Default 0. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/** In the order of the contract's `checkStepIds`. */
const steps: readonly CheckStepDefinition[] = [
  { id: 'parse', title: 'The connection is well formed', after: [], run: parse },
  ...roleSteps,
  ...bucketSteps,
  ...objectSteps,
];

/**
 * Proves that a connection works and is no wider than needed, by using it: assume
 * the role, be refused without the right external ID, find the bucket, list, start
 * and abort an upload, be refused outside the prefix. It leaves nothing behind and
 * is safe to repeat.
 *
 * A fault in the customer's setup is an answer, not an accident: it is returned as
 * a failed step and never thrown.
 *
 * @throws CausewayError `store_unavailable` when AWS cannot be reached, which says
 * nothing about the customer's setup.
 */
export async function checkConnection(
  connection: PlacedConnection,
  deps: CheckDeps,
): Promise<CheckReport> {
  const now = deps.now ?? (() => new Date());
  const clients: { destroy(): void }[] = [];
  const context = newContext(connection, deps, clients);
  try {
    return await takeSteps(context, now(), deps.signal);
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function takeSteps(
  context: CheckContext,
  startedAt: Date,
  signal: AbortSignal | undefined,
): Promise<CheckReport> {
  const done: CheckStep[] = [];
  for (const step of steps) {
    signal?.throwIfAborted();
    const begin = performance.now();
    const obstacle = step.after.find((id) => blocks(done, id));
    const finding: Finding = obstacle
      ? { verdict: 'skipped', message: `Not run, because "${titleOf(obstacle)}" did not pass` }
      : await step.run(context);
    const durationMs = Math.round(performance.now() - begin);
    done.push({ id: step.id, title: step.title, ...finding, durationMs });
  }
  return {
    connectionId: context.connection.id,
    outcome: outcomeOf(done),
    checkedAt: startedAt.toISOString(),
    durationMs: done.reduce((sum, step) => sum + step.durationMs, 0),
    ...(context.region !== undefined && { region: context.region }),
    steps: done,
  };
}

/** The status that a connection has after a check. */
export function statusAfter(report: CheckReport): ConnectionStatus {
  switch (report.outcome) {
    case 'healthy':
      return 'active';
    case 'insecure':
      return 'insecure';
    case 'failing':
      return 'failing';
  }
}

function outcomeOf(done: readonly CheckStep[]): CheckReport['outcome'] {
  const failed = new Set(done.filter((step) => step.verdict === 'failed').map((step) => step.id));
  if (failed.has('role.external_id_missing') || failed.has('role.external_id_wrong')) {
    return 'insecure';
  }
  return failed.size > 0 ? 'failing' : 'healthy';
}

/** Failed steps block what needs them, and so do steps that a failure kept from running. */
function blocks(done: readonly CheckStep[], id: CheckStepId): boolean {
  const step = done.find((candidate) => candidate.id === id);
  if (step?.verdict === 'failed') return true;
  return step?.verdict === 'skipped' && step.evidence === undefined;
}

function titleOf(id: CheckStepId): string {
  return steps.find((step) => step.id === id)?.title ?? id;
}

async function parse(context: CheckContext): Promise<Finding> {
  const { connection, operatorAccountId } = context;
  try {
    parseLocation(formatLocation(connection));
  } catch (error) {
    if (!CausewayError.is(error)) throw error;
    return { verdict: 'failed', side: 'operator', cause: error.code, message: error.message };
  }
  if (connection.accountId === operatorAccountId) {
    const refusal = new CausewayError('account_not_allowed', { accountId: connection.accountId });
    return { verdict: 'failed', side: 'operator', cause: refusal.code, message: refusal.message };
  }
  return {
    verdict: 'passed',
    message: `${formatLocation(connection)} by ${context.principal.arn}`,
  };
}

function newContext(
  connection: PlacedConnection,
  deps: CheckDeps,
  clients: { destroy(): void }[],
): CheckContext {
  const kept = <T extends { destroy(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  const common = {
    maxAttempts: 3,
    // A check is waited for: an endpoint that is silent is one that cannot be reached.
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 },
    ...(deps.endpoint !== undefined && { endpoint: deps.endpoint }),
  };
  const deadline = performance.now() + (deps.waitSeconds ?? 0) * 1000;
  return {
    connection,
    principal: principalOf(connection),
    operatorAccountId: deps.operator.accountId,
    guide: setupGuide(connection, deps.operator),
    probeId: randomDigits(12),
    sts: (session?: SessionCredentials) =>
      kept(
        new STSClient({ ...common, region: deps.region, credentials: session ?? deps.credentials }),
      ),
    s3: (session: SessionCredentials, region: string) =>
      kept(
        new S3Client({
          ...common,
          region,
          credentials: session,
          forcePathStyle: deps.endpoint !== undefined,
        }),
      ),
    untilSpread: (ask, settled) => untilSpread(ask, settled, deadline, deps.signal),
  };
}

function principalOf(connection: PlacedConnection): CheckedPrincipal {
  if (connection.access !== 'role') throw new Error('Only roles can be checked yet');
  return { noun: `role "${connection.roleName}"`, arn: connection.roleArn ?? '' };
}

/** Asks at once, then after 1, 2, 4 and so on up to 8 seconds, until settled or the deadline. */
async function untilSpread<T>(
  ask: () => Promise<Attempt<T>>,
  settled: (answer: Attempt<T>) => boolean,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Attempt<T>> {
  for (let pauseMs = 1000; ; pauseMs = Math.min(pauseMs * 2, 8000)) {
    const answer = await ask();
    if (settled(answer) || performance.now() + pauseMs > deadline) return answer;
    await pause(pauseMs, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(done, milliseconds);
  signal?.addEventListener('abort', done, { once: true });
  function done() {
    clearTimeout(timer);
    signal?.removeEventListener('abort', done);
    if (signal?.aborted) reject(signal.reason);
    else resolve();
  }
  return promise;
}
