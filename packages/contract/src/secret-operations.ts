import { z } from 'zod';
import { AccessKeyCreate, SecretKeys, SecretRotation } from './access-keys.ts';
import { CheckReport } from './checks.ts';
import { Connection } from './connections.ts';
import { byId, operation } from './operation-parts.ts';

const keyPath = '/v1/connections/{id}/access-keys/{keyId}';
const byKey = byId.extend({ keyId: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/) });
const tags = ['Access keys'];

/** The access keys of one connection. */
export const accessKeyOperations = {
  add: operation
    .route({
      method: 'POST',
      path: '/v1/connections/{id}/access-keys',
      summary: 'Enter an access key',
      description:
        'The first is used at once; a second stands by until it is made current. The secret is kept encrypted and never shown again.',
      successStatus: 201,
      tags,
    })
    .meta({
      creates: true,
      setup: 'connection',
      errors: [
        'not_found',
        'change_not_possible',
        'access_key_refused',
        'account_not_allowed',
        'store_unavailable',
        'too_many_requests',
      ],
    })
    .input(AccessKeyCreate.extend(byId.shape))
    .output(Connection),
  check: operation
    .route({
      method: 'POST',
      path: `${keyPath}/check`,
      summary: 'Prove that a connection works with this access key',
      description: 'Changes nothing: the report is not kept.',
      tags,
    })
    .meta({
      errors: [
        'not_found',
        'change_not_possible',
        'connection_not_ready',
        'store_unavailable',
        'endpoint_not_allowed',
        'secret_not_readable',
      ],
    })
    .input(byKey)
    .output(CheckReport),
  use: operation
    .route({
      method: 'POST',
      path: `${keyPath}/use`,
      summary: 'Make an access key the one in use',
      description: 'Only after a check with it, which is made here, has found nothing wrong.',
      tags,
    })
    .meta({
      setup: 'connection',
      errors: [
        'not_found',
        'change_not_possible',
        'access_key_refused',
        'too_many_requests',
        'connection_not_ready',
        'store_unavailable',
        'endpoint_not_allowed',
        'secret_not_readable',
      ],
    })
    .input(byKey)
    .output(Connection),
  remove: operation
    .route({
      method: 'DELETE',
      path: keyPath,
      summary: 'Forget an access key',
      description: 'The one in use can be forgotten only when no other stands by.',
      tags,
    })
    .meta({
      setup: 'connection',
      errors: ['not_found', 'change_not_possible', 'access_key_refused'],
    })
    .input(byKey)
    .output(Connection),
};

/** The keys that encrypt what is secret. */
export const secretOperations = {
  keys: operation
    .route({
      method: 'GET',
      path: '/v1/secrets',
      summary: 'Which keys encrypt the secrets',
      description: 'One that encrypts none and is not the newest may be taken out of the key file.',
      tags: ['System'],
    })
    .output(SecretKeys),
  rotate: operation
    .route({
      method: 'POST',
      path: '/v1/secrets/rotate',
      summary: 'Take secrets over to the newest key',
      description:
        'So many at a time, while everything goes on. Call again until nothing remains; what was cut off goes on where it was.',
      tags: ['System'],
    })
    .meta({ errors: ['secret_not_readable', 'store_unavailable', 'store_refused'] })
    .input(z.strictObject({ limit: z.int().min(1).max(1000).default(200) }).prefault({}))
    .output(SecretRotation),
};
