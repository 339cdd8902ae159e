import assert from 'node:assert/strict';
import { flights } from './customer.ts';
import { type Run, runToEnd } from './delivery.ts';
import type { GuideWithSteps } from './follow-guide.ts';
import { removeData, startTarget, type Target } from './target.ts';

export interface Health {
  readonly label: string;
  readonly reason: string;
  readonly nextAction: { readonly code: string; readonly text: string } | null;
}

export interface Connection {
  readonly id: string;
  readonly customerId: string;
  readonly access: string;
  readonly status: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string | null;
  readonly externalId: string;
  readonly roleName: string;
  readonly roleArn: string;
  readonly health: Health;
}

export interface CheckStep {
  readonly id: string;
  readonly verdict: string;
  readonly message: string;
  readonly cause?: string;
}

export interface Report {
  readonly outcome: string;
  readonly region?: string;
  readonly steps: readonly CheckStep[];
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

/** Calls of which it is known beforehand how they end: `POST /v1/customers`, and a body. */
export interface Calls {
  /** @throws unless the status is that of success. */
  call<T>(line: string, body?: object): Promise<T>;
  refused(line: string, body?: object): Promise<Failure['error'] & { readonly status: number }>;
}

/** The staff of a software company that runs Causeway: what they do goes over HTTP. */
export interface Vendor extends Calls {
  readonly target: Target;
  customer(reference: string, properties?: Readonly<Record<string, string>>): Promise<string>;
  connect(body: object): Promise<Connection>;
  guide(connection: Connection): Promise<GuideWithSteps>;
  check(connection: Connection): Promise<Report>;
  read(connection: Connection): Promise<Connection>;
  /** Delivers the flights that depart from each customer's reference. */
  deliverFlights(name: string, customerIds: readonly string[]): Promise<Run>;
  close(): Promise<void>;
}

export async function openVendor(
  environment: Readonly<Record<string, string>> = {},
): Promise<Vendor> {
  const target = await startTarget(['--no-sample'], environment);
  const calls = certainCalls(target.call);
  const { call } = calls;
  return {
    ...calls,
    target,
    async customer(reference, properties) {
      const body = { name: `Customer ${reference}`, reference, ...(properties && { properties }) };
      return (await call<{ id: string }>('POST /v1/customers', body)).id;
    },
    connect: (body) => call('POST /v1/connections', body),
    guide: ({ id }) => call(`GET /v1/connections/${id}/setup-guide`),
    check: ({ id }) => call(`POST /v1/connections/${id}/check`, {}),
    read: ({ id }) => call(`GET /v1/connections/${id}`),
    async deliverFlights(name, customerIds) {
      const source = { type: 'file', path: flights };
      const body = { name, source, customerColumn: 'origin' };
      const { id: datasetId } = await call<{ id: string }>('POST /v1/datasets', body);
      const order = { name, datasetId, customerIds, format: 'jsonl' };
      const { id } = await call<{ id: string }>('POST /v1/deliveries', order);
      return runToEnd(target, id);
    },
    async close() {
      await target.stop();
      await removeData(target);
    },
  };
}

/** The API by a way to call it, for whoever knows how each call must end. */
export function certainCalls(send: Target['call']): Calls {
  const sendLine = (line: string, body?: object) => {
    const [method = '', path = ''] = line.split(' ');
    return send<unknown>(method, path, body);
  };
  return {
    async call<T>(line: string, body?: object) {
      const { status, body: told } = await sendLine(line, body);
      assert.ok(status < 300, `${line}: ${status} ${JSON.stringify(told)}`);
      return told as T;
    },
    async refused(line, body) {
      const { status, body: told } = await sendLine(line, body);
      assert.ok(status >= 400, `${line} is accepted: ${JSON.stringify(told)}`);
      return { ...(told as Failure).error, status };
    },
  };
}

/** What a check found of one step, or of those that did not pass. */
export function verdictOf({ steps }: Report, id: string): string | undefined {
  return steps.find((step) => step.id === id)?.verdict;
}

export function assertHealthy(report: Report): void {
  const wrong = report.steps.filter(({ verdict }) => verdict === 'failed');
  assert.equal(report.outcome, 'healthy', JSON.stringify(wrong, null, 2));
}

/** Every action that some statement of a policy allows, with the resources it is allowed on. */
export function grantsOf(policy: object): Map<string, string[]> {
  const { Statement } = policy as { Statement: Grant | Grant[] };
  const grants = new Map<string, string[]>();
  for (const { Effect, Action, Resource } of [Statement].flat()) {
    if (Effect !== 'Allow') continue;
    for (const action of [Action].flat()) {
      grants.set(action, [...(grants.get(action) ?? []), ...[Resource].flat()]);
    }
  }
  return grants;
}

interface Grant {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
}
