import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { AccountId } from './access.ts';
import { CheckReport } from './checks.ts';
import { Connection, ConnectionCreate, ConnectionQuery, ConnectionUpdate } from './connections.ts';
import { customerOperations } from './customer-operations.ts';
import { datasetChangeOperations } from './dataset-operations.ts';
import { Dataset, DatasetCreate } from './datasets.ts';
import { Delivery, DeliveryCreate, DeliveryQuery } from './deliveries.ts';
import { deliveryChangeOperations, runChangeOperations } from './delivery-operations.ts';
import { Diagnosis, needsPolicies, PastedPolicies } from './diagnosis.ts';
import { EventChain, EventChainQuery } from './event-chain.ts';
import { Event, EventQuery } from './events.ts';
import { forgetKeysOperation } from './forgotten-keys.ts';
import { IssuerRotate, IssuerState } from './issuer.ts';
import { managedBucketOperations } from './managed-bucket-operations.ts';
import { PublicKeySet } from './manifest.ts';
import { byId, operation, PageQuery, page } from './operation-parts.ts';
import { pushOperation } from './push-operation.ts';
import { Run, RunCreate, RunProgress, RunQuery } from './runs.ts';
import { accessKeyOperations, secretOperations } from './secret-operations.ts';
import { SetupGuide, SetupRendering, SetupTool } from './setup-guide.ts';
import { connectOperations, setupLinkOperations } from './setup-link-operations.ts';
import { webhookOperations } from './webhook-operations.ts';

export const Health = z
  .object({ status: z.literal('ok'), version: z.string() })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;

/**
 * Every operation of the HTTP API, as data: the server implements it, the SDK
 * calls it, OpenAPI is printed from it.
 */
export const operations = {
  customers: customerOperations,
  connections: {
    create: operation
      .route({
        method: 'POST',
        path: '/v1/connections',
        summary: "Connect a customer's bucket",
        description:
          "Fixes the external ID and the role name; both never change. What is left out comes from the customer's properties.",
        successStatus: 201,
        tags: ['Connections'],
      })
      .meta({
        creates: true,
        errors: [
          'not_found',
          'conflict',
          'invalid_location',
          'invalid_role_arn',
          'property_not_usable',
          'location_overlaps',
          'not_verifiable',
          'account_not_allowed',
        ],
      })
      .input(ConnectionCreate)
      .output(Connection),
    list: operation
      .route({
        method: 'GET',
        path: '/v1/connections',
        summary: 'List connections',
        tags: ['Connections'],
      })
      .input(PageQuery.extend(ConnectionQuery.shape).prefault({}))
      .output(page('Connection', Connection)),
    get: operation
      .route({
        method: 'GET',
        path: '/v1/connections/{id}',
        summary: 'Get a connection',
        tags: ['Connections'],
      })
      .meta({ setup: 'connection', errors: ['not_found'] })
      .input(byId)
      .output(Connection),
    update: operation
      .route({
        method: 'PATCH',
        path: '/v1/connections/{id}',
        summary: 'Change a connection',
        description:
          'A new place or account decides where data goes, so the connection is a draft again until it is checked.',
        tags: ['Connections'],
      })
      .meta({
        errors: [
          'not_found',
          'invalid_location',
          'location_overlaps',
          'not_verifiable',
          'account_not_allowed',
          'change_not_possible',
          'conflict',
        ],
      })
      .input(ConnectionUpdate.extend(byId.shape))
      .output(Connection),
    confirmAccount: operation
      .route({
        method: 'POST',
        path: '/v1/connections/{id}/confirm-account',
        summary: "Confirm that an account is the customer's",
        description:
          'Needed once, when the account was given through a setup link that did not fix it: it decides who receives the data.',
        tags: ['Connections'],
      })
      .meta({ errors: ['not_found', 'account_mismatch'] })
      .input(byId.extend({ accountId: AccountId }))
      .output(Connection),
    setupGuide: operation
      .route({
        method: 'GET',
        path: '/v1/connections/{id}/setup-guide',
        summary: "What the customer's administrator must create",
        tags: ['Connections'],
      })
      .meta({ setup: 'connection', errors: ['not_found'] })
      .input(byId)
      .output(SetupGuide),
    setup: operation
      .route({
        method: 'GET',
        path: '/v1/connections/{id}/setup-guide/{tool}',
        summary: 'The same, written for a tool',
        description:
          'A CloudFormation template, a Terraform file, a script for the aws command, steps for the console, plain JSON, or a message to an administrator.',
        tags: ['Connections'],
      })
      .meta({ setup: 'connection', errors: ['not_found', 'setup_not_possible'] })
      .input(byId.extend({ tool: SetupTool }))
      .output(SetupRendering),
    diagnose: operation
      .route({
        method: 'POST',
        path: '/v1/connections/{id}/diagnose',
        summary: "Say what a customer's policies will do, without asking AWS",
        tags: ['Connections'],
      })
      .meta({
        setup: 'connection',
        errors: ['not_found', 'connection_not_ready', 'too_many_requests'],
      })
      .input(
        PastedPolicies.extend(byId.shape).superRefine(({ id: _id, ...pasted }, { addIssue }) => {
          for (const message of needsPolicies(pasted)) addIssue(message);
        }),
      )
      .output(Diagnosis),
    check: operation
      .route({
        method: 'POST',
        path: '/v1/connections/{id}/check',
        summary: 'Prove that a connection works and is safe',
        description:
          'A fault in the setup is a result and not an error: see each step of the report.',
        tags: ['Connections'],
      })
      .meta({
        setup: 'connection',
        errors: ['not_found', 'connection_not_ready', 'store_unavailable', 'too_many_requests'],
      })
      .input(
        byId.extend({
          waitSeconds: z
            .number()
            .min(0)
            .max(90)
            .default(0)
            .describe(
              'How long a new role is given to spread through AWS before it counts as failed',
            ),
        }),
      )
      .output(CheckReport),
  },
  managedBuckets: managedBucketOperations,
  accessKeys: accessKeyOperations,
  datasets: {
    create: operation
      .route({
        method: 'POST',
        path: '/v1/datasets',
        summary: 'Create a dataset',
        successStatus: 201,
        tags: ['Datasets'],
      })
      .meta({
        creates: true,
        errors: [
          'conflict',
          'source_not_allowed',
          'source_not_readable',
          'postgres_not_readable',
          'query_not_usable',
          'column_not_found',
          'cursor_not_usable',
        ],
      })
      .input(DatasetCreate)
      .output(Dataset),
    list: operation
      .route({ method: 'GET', path: '/v1/datasets', summary: 'List datasets', tags: ['Datasets'] })
      .input(PageQuery.prefault({}))
      .output(page('Dataset', Dataset)),
    get: operation
      .route({
        method: 'GET',
        path: '/v1/datasets/{id}',
        summary: 'Get a dataset',
        tags: ['Datasets'],
      })
      .meta({ errors: ['not_found'] })
      .input(byId)
      .output(Dataset),
    ...datasetChangeOperations,
    push: pushOperation,
    forget: forgetKeysOperation,
  },
  deliveries: {
    create: operation
      .route({
        method: 'POST',
        path: '/v1/deliveries',
        summary: 'Create a delivery',
        successStatus: 201,
        tags: ['Deliveries'],
      })
      .meta({ creates: true, errors: ['not_found', 'conflict', 'invalid_request'] })
      .input(DeliveryCreate)
      .output(Delivery),
    list: operation
      .route({
        method: 'GET',
        path: '/v1/deliveries',
        summary: 'List deliveries',
        tags: ['Deliveries'],
      })
      .input(PageQuery.extend(DeliveryQuery.shape).prefault({}))
      .output(page('Delivery', Delivery)),
    get: operation
      .route({
        method: 'GET',
        path: '/v1/deliveries/{id}',
        summary: 'Get a delivery',
        tags: ['Deliveries'],
      })
      .meta({ errors: ['not_found'] })
      .input(byId)
      .output(Delivery),
    ...deliveryChangeOperations,
    run: operation
      .route({
        method: 'POST',
        path: '/v1/deliveries/{id}/runs',
        summary: 'Run a delivery now',
        description: 'A window that was delivered before is not delivered again.',
        successStatus: 202,
        tags: ['Deliveries'],
      })
      .meta({
        creates: true,
        errors: [
          'not_found',
          'no_recipients',
          'run_in_progress',
          'delivery_not_active',
          'source_not_allowed',
          'source_not_readable',
        ],
      })
      .input(byId.extend(RunCreate.shape))
      .output(Run),
  },
  runs: {
    list: operation
      .route({ method: 'GET', path: '/v1/runs', summary: 'List runs', tags: ['Runs'] })
      .input(PageQuery.extend(RunQuery.shape).prefault({}))
      .output(page('Run', Run)),
    get: operation
      .route({ method: 'GET', path: '/v1/runs/{id}', summary: 'Get a run', tags: ['Runs'] })
      .meta({ errors: ['not_found'] })
      .input(byId)
      .output(Run),
    ...runChangeOperations,
    progress: operation
      .route({
        method: 'GET',
        path: '/v1/runs/{id}/progress',
        summary: 'Follow a run',
        description: 'Server-sent events until the run has ended.',
        tags: ['Runs'],
      })
      .meta({ errors: ['not_found'] })
      .input(byId)
      .output(eventIterator(RunProgress)),
  },
  issuer: {
    get: operation
      .route({
        method: 'GET',
        path: '/v1/issuer',
        summary: 'Show the issuer of tokens and its keys',
        description:
          'What customers register in AWS for connections by web_identity. The keys themselves are published at /.well-known/jwks.json.',
        tags: ['Issuer'],
      })
      .output(IssuerState),
    rotate: operation
      .route({
        method: 'POST',
        path: '/v1/issuer/rotate',
        summary: 'Replace the key that signs tokens',
        description:
          'The new key is published at once and signs a day later, so that nobody meets a token whose key is unknown. Keys are replaced every 90 days without being asked.',
        tags: ['Issuer'],
      })
      .input(IssuerRotate)
      .output(IssuerState),
  },
  setupLinks: setupLinkOperations,
  connect: connectOperations,
  events: {
    list: operation
      .route({
        method: 'GET',
        path: '/v1/events',
        summary: 'List what has happened',
        description: 'Newest first. An event is written with the change it tells of, and stays.',
        tags: ['Events'],
      })
      .input(PageQuery.extend(EventQuery.shape).prefault({}))
      .output(page('Event', Event)),
    verify: operation
      .route({
        method: 'GET',
        path: '/v1/events/chain',
        summary: 'See that no event was changed or taken out',
        description:
          'Goes over the chain of hashes that links all events. Keep its head outside, and give it later: then it is also seen whether the newest events are gone.',
        tags: ['Events'],
      })
      .input(EventChainQuery.prefault({}))
      .output(EventChain),
  },
  webhooks: webhookOperations,
  secrets: secretOperations,
  system: {
    health: operation
      .route({ method: 'GET', path: '/healthz', summary: 'Whether it works', tags: ['System'] })
      .meta({ open: true })
      .output(Health),
    keys: operation
      .route({
        method: 'GET',
        path: '/.well-known/causeway-keys.json',
        summary: 'The public keys that manifests are signed with',
        tags: ['System'],
      })
      .meta({ open: true })
      .output(PublicKeySet),
  },
};
export type Operations = typeof operations;
