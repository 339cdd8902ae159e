import assert from 'node:assert/strict';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { type Customer, type Manifest, newId, type Run } from '@causeway/contract';
import type { RunDeps, RunEvent } from '@causeway/delivery';
import type { DuckDbEngine } from '@causeway/engine';
import { createThreadedDigester } from '@causeway/objectstore';
import { accountClients } from '@causeway/sandbox/clients';
import { newLeaseOwner, type Store } from '@causeway/store';
import { checkAccessOf } from '../../check-access.ts';
import { createClosers } from '../../closers.ts';
import type { Configuration } from '../../configuration.ts';
import { openPlatform } from '../../platform.ts';
import { runDeps } from '../../start-worker.ts';
import { type DeliveryStage, type Order, openDeliveryStage } from '../../testing/delivery-stage.ts';
import type { Receiver } from '../../testing/receiver.ts';
import { type Fate, liveOnce, type OneLife } from './one-life.ts';
import { KnownContents, proveExactlyOnce, type Recipient } from './prove-exactly-once.ts';
import { recordedEngine } from './recorded-engine.ts';

/** A delivery stage on which workers live in this process, so that they can meet any fate. */
export interface FaultStage extends DeliveryStage {
  /** A worker takes the run up. Whoever had it before is taken for gone. */
  live(run: Run, fate?: Fate | null): OneLife;
  /** What workers have told their log since this was last asked. */
  takeEvents(): readonly RunEvent[];
  /** Workers that reach everything in another way: through a cut, say. */
  workers(change: Partial<Configuration>): Promise<Workers>;
  /** Lets the customer's role list uploads of the bucket, and delete: what the guide may not ask for. */
  allowMore(receiver: Receiver): Promise<void>;
  /**
   * The rule of all rules: a receiver sees exactly these runs of an order, each as one
   * manifest, signed and numbered without a gap, and the files that it names; nothing else
   * is visible or half uploaded; the rows of the last are those of the source.
   */
  proveExactlyOnce(order: OrderTo, receiver: Recipient, runs: readonly Run[]): Promise<Manifest>;
  /** The same order once more under names of its own: much faster than making it anew. */
  again(order: Order): Promise<Order>;
  /** The same for another customer. */
  againFor(order: OrderTo, customer: Customer): Promise<OrderTo>;
}

/** An order, to whomever. */
export type OrderTo = Omit<Order, 'receivers'>;

export interface Workers {
  live(run: Run, fate?: Fate | null): OneLife;
  close(): Promise<void>;
}

/** Less than the files of most shapes have. */
const smallFileKb = 3;

export async function openFaultStage(): Promise<FaultStage> {
  const closers = createClosers();
  try {
    const stage = await openDeliveryStage({
      allowsSandboxAsStore: true,
      smallFileKb,
      // All scenarios take longer than a check is good for: its requests would meet faults meant for a run's.
      beforeRunSeconds: 24 * 60 * 60,
    });
    closers.add(() => stage.close());
    const { configuration } = stage;
    const sandboxUrl = sandboxOf(configuration);
    const events: RunEvent[] = [];
    const known = new KnownContents();
    const own = await openWorkers(configuration, stage.engine, events);
    closers.add(() => own.close());
    return {
      ...stage,
      live: own.live,
      takeEvents: () => events.splice(0),
      workers: (change) => openWorkers({ ...configuration, ...change }, stage.engine, events),
      allowMore: ({ connection: { accountId, bucket, roleArn } }) =>
        allowMore(sandboxUrl, accountId, bucket, roleArn),
      proveExactlyOnce: (order, receiver, runs) =>
        proveExactlyOnce({ ...own.platform, known, sandboxUrl, order, receiver, runs }),
      again: async (order) => ({
        ...order,
        ...(await again(stage.store, order, order.delivery.customerIds)),
      }),
      againFor: (order, { id }) => again(stage.store, order, [id]),
      close: closers.close,
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

let copies = 0;

async function again(
  { datasets, deliveries }: Store,
  order: OrderTo,
  customerIds: readonly string[],
): Promise<OrderTo> {
  const name = `${order.dataset.name}-${++copies}`;
  const dataset = await datasets.insert({ ...order.dataset, id: newId('dataset'), name });
  const delivery = await deliveries.insert({
    ...order.delivery,
    id: newId('delivery'),
    name,
    datasetId: dataset.id,
    customerIds: [...customerIds],
  });
  return { sourcePath: order.sourcePath, dataset, delivery };
}

async function openWorkers(configuration: Configuration, engine: DuckDbEngine, events: RunEvent[]) {
  const closers = createClosers();
  try {
    const opened = await openPlatform(configuration, engine);
    const platform = { ...opened, engine: recordedEngine(opened.engine) };
    closers.add(() => platform.close());
    const digester = createThreadedDigester();
    closers.add(() => digester.close());
    const access = checkAccessOf(platform, configuration);
    // A later owner of the same process id counts as one that was started after the first ended.
    const deps = (): RunDeps => ({
      ...runDeps(
        platform,
        configuration,
        access,
        { owner: newLeaseOwner(), digester },
        () => undefined,
      ),
      log: (event) => void events.push(event),
    });
    return {
      platform,
      live: (run: Run, fate?: Fate | null) => liveOnce(run.id, deps(), fate),
      close: closers.close,
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

function sandboxOf({ aws }: Configuration): string {
  assert.ok(aws.endpoint !== null);
  return aws.endpoint;
}

async function allowMore(
  sandboxUrl: string,
  accountId: string,
  bucket: string,
  roleArn: string,
): Promise<void> {
  const { iam } = accountClients(sandboxUrl, accountId);
  const Resource = `arn:aws:s3:::${bucket}`;
  const statements = [
    { Effect: 'Allow', Action: 's3:ListBucketMultipartUploads', Resource },
    { Effect: 'Allow', Action: 's3:DeleteObject', Resource: `${Resource}/*` },
  ];
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: roleArn.split('/').at(-1),
      PolicyName: 'more',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    }),
  );
}
