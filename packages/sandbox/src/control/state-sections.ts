import { isPublicPolicy } from '@causeway/policy';
import { entityArn } from '../access/entity-arn.ts';
import type { BucketRecord } from '../state/records.ts';
import type { World } from '../world.ts';
import { type Html, html } from './html.ts';
import { section } from './section.ts';

/** What there is in the sandbox, table by table. Secrets are not shown. */
export function stateSections(world: World): Html[] {
  return [
    accounts(world),
    buckets(world),
    roles(world),
    users(world),
    kmsKeys(world),
    queues(world),
    faults(world),
  ];
}

function accounts(world: World): Html {
  const rows = world.accounts.map(({ id, alias, accessKeyId }) => [id, alias, accessKeyId]);
  return section('Accounts', ['Id', 'Alias', 'Root access key'], rows);
}

function buckets(world: World): Html {
  const rows = [...world.state.buckets.under('')].map((bucket) => [
    bucket.name,
    bucket.accountId,
    bucket.region,
    bucket.versioning ?? 'never enabled',
    publicity(bucket, world),
    bucket.createdAt,
    policyText(bucket.policy),
  ]);
  const heads = ['Name', 'Account', 'Region', 'Versioning', 'Policy is', 'Created', 'Policy'];
  return section('Buckets', heads, rows);
}

function publicity({ policy }: BucketRecord, world: World): Html {
  if (policy === null) return html`none`;
  const isPublic = isPublicPolicy(world.policies.get(policy, 'bucket policy', 'resource'));
  return isPublic ? html`<span class="bad">public</span>` : html`not public`;
}

function roles({ state }: World): Html {
  const rows = [...state.roles.under('')].map((role) => [
    html`<code>${entityArn('role', role)}</code>`,
    policyText(role.trustPolicy, 'trust policy'),
    attached(role),
  ]);
  return section('Roles', ['ARN', 'Trust', 'Policies'], rows);
}

function users({ state }: World): Html {
  const rows = [...state.users.under('')].map((user) => [
    html`<code>${entityArn('user', user)}</code>`,
    [...state.accessKeys.under('')]
      .filter((key) => key.accountId === user.accountId && key.userName === user.name)
      .map((key) => html`<code>${key.id}</code> ${key.status}<br>`),
    attached(user),
  ]);
  return section('Users', ['ARN', 'Access keys', 'Policies'], rows);
}

function attached(entity: {
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly attachedPolicies: readonly string[];
  readonly boundary: string | null;
}): Html[] {
  return [
    ...Object.entries(entity.inlinePolicies).map(([name, document]) => policyText(document, name)),
    ...entity.attachedPolicies.map((arn) => html`<code>${arn}</code><br>`),
    ...(entity.boundary === null ? [] : [html`boundary <code>${entity.boundary}</code>`]),
  ];
}

function kmsKeys({ state }: World): Html {
  const rows = [...state.kmsKeys.under('')].map((key) => [
    html`<code>${key.id}</code>`,
    key.accountId,
    key.region,
    key.state,
    key.description,
    policyText(key.policy, 'key policy'),
  ]);
  const heads = ['Id', 'Account', 'Region', 'State', 'Description', 'Policy'];
  return section('Keys of KMS', heads, rows);
}

function queues({ state }: World): Html {
  const rows = [...state.queues.under('')].map((queue) => [
    queue.name,
    queue.accountId,
    queue.region,
    policyText(queue.attributes['Policy'] ?? null),
  ]);
  return section('Queues', ['Name', 'Account', 'Region', 'Policy'], rows);
}

function faults({ faults }: World): Html {
  const rows = faults
    .list()
    .map(({ id, caught, holding, effect, ...match }) => [
      id,
      html`<code>${JSON.stringify(match)}</code>`,
      html`<code>${JSON.stringify(effect)}</code>`,
      caught,
      holding,
    ]);
  return section('Faults', ['Id', 'Catches', 'Effect', 'Caught', 'Holding'], rows);
}

/** A policy as it was sent, folded away. */
function policyText(document: string | null, name = 'policy'): Html {
  if (document === null) return html``;
  return html`<details><summary>${name}</summary><pre>${indented(document)}</pre></details>`;
}

function indented(document: string): string {
  try {
    return JSON.stringify(JSON.parse(document), null, 2);
  } catch {
    return document;
  }
}
