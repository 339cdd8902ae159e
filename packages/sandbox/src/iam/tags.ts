import { AwsError } from '../http/aws-error.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import { readTagKeys, readTags } from '../query/tags.ts';
import type { Tags } from '../state/records.ts';
import type { Change } from '../state/table.ts';
import { findPrincipal, ofEntity } from './find-entity.ts';
import { iamOperation, pageOf } from './iam-operation.ts';
import { findOwnPolicy } from './managed-policies.ts';
import { findProvider, providerArn } from './oidc-providers.ts';
import { policyArn } from './policy-arn.ts';
import { tagList } from './tags-element.ts';

const maxTags = 50;

/** Something that has tags, with the way to change them. */
interface Tagged {
  readonly tags: Tags | undefined;
  readonly changed: (tags: Tags) => Change;
}

interface TaggedKind {
  readonly name: string;
  readonly resource: (request: QueryRequest) => string;
  readonly find: (request: QueryRequest) => Tagged;
}

const kinds: readonly TaggedKind[] = [
  principals('User'),
  principals('Role'),
  {
    name: 'Policy',
    resource: policyArn,
    find: (request) => {
      const { arn, policy } = findOwnPolicy(request);
      const { managedPolicies } = request.world.state;
      return {
        tags: policy.tags,
        changed: (tags) => managedPolicies.put(arn, { ...policy, tags }),
      };
    },
  },
  {
    name: 'OpenIDConnectProvider',
    resource: providerArn,
    find: (request) => {
      const { arn, record } = findProvider(request);
      const { oidcProviders } = request.world.state;
      return {
        tags: record.tags,
        changed: (tags) => oidcProviders.put(arn, { ...record, tags }),
      };
    },
  },
];

/** Tag…, Untag… and List…Tags of everything in IAM that has tags. */
export const tagOperations: readonly QueryOperation[] = kinds.flatMap((kind) => [
  tag(kind),
  untag(kind),
  listTags(kind),
]);

function principals(kind: 'User' | 'Role'): TaggedKind {
  return {
    name: kind,
    resource: ofEntity(kind),
    find: (request) => {
      const { record, changed } = findPrincipal(request, kind);
      return { tags: record.tags, changed: (tags) => changed({ tags }) };
    },
  };
}

function tag({ name, resource, find }: TaggedKind): QueryOperation {
  return iamOperation(`Tag${name}`, resource, (request) => {
    const passed = readTags(request.parameters, 'InvalidInput');
    const { tags, changed } = find(request);
    const all = { ...without(tags, Object.keys(passed)), ...passed };
    if (Object.keys(all).length > maxTags) {
      throw new AwsError(
        409,
        'LimitExceeded',
        `The number of tags has reached the maximum limit of ${maxTags}.`,
      );
    }
    request.world.state.commit(changed(all));
    return null;
  });
}

function untag({ name, resource, find }: TaggedKind): QueryOperation {
  return iamOperation(`Untag${name}`, resource, (request) => {
    const { tags, changed } = find(request);
    request.world.state.commit(changed(without(tags, readTagKeys(request.parameters))));
    return null;
  });
}

function listTags({ name, resource, find }: TaggedKind): QueryOperation {
  return iamOperation(`List${name}Tags`, resource, (request) => {
    const { items, paging } = pageOf(Object.entries(find(request).tags ?? {}), request.parameters);
    return [tagList(items), ...paging];
  });
}

/** Keys are the same whatever their letter case. */
function without(tags: Tags | undefined, keys: readonly string[]): Tags {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(
    Object.entries(tags ?? {}).filter(([key]) => !gone.has(key.toLowerCase())),
  );
}
