import { z } from 'zod';
import { byId, operation, PageQuery, page } from './operation-parts.ts';
import {
  ConnectSession,
  ConnectView,
  NewSetupLink,
  PlaceUpdate,
  SetupLink,
  SetupLinkCreate,
} from './setup-links.ts';

/** What the operator does with setup links. */
export const setupLinkOperations = {
  create: operation
    .route({
      method: 'POST',
      path: '/v1/setup-links',
      summary: 'Make a link by which a customer sets up a connection',
      description:
        'Its address is told here and never again, so a repeated request makes another link: revoke what you do not need.',
      successStatus: 201,
      tags: ['Setup links'],
    })
    .meta({
      errors: [
        'not_found',
        'conflict',
        'invalid_location',
        'invalid_role_arn',
        'property_not_usable',
        'location_overlaps',
        'not_verifiable',
        'account_not_allowed',
        'account_mismatch',
        'change_not_possible',
      ],
    })
    .input(SetupLinkCreate)
    .output(NewSetupLink),
  list: operation
    .route({
      method: 'GET',
      path: '/v1/setup-links',
      summary: 'List setup links',
      tags: ['Setup links'],
    })
    .input(PageQuery.extend({ connectionId: z.string().optional() }).prefault({}))
    .output(page('SetupLink', SetupLink)),
  revoke: operation
    .route({
      method: 'DELETE',
      path: '/v1/setup-links/{id}',
      summary: 'Revoke a setup link',
      description: 'Ends what was begun with it at once. What was set up stays.',
      tags: ['Setup links'],
    })
    .meta({ errors: ['not_found'] })
    .input(byId)
    .output(SetupLink),
};

/** What the holder of a setup link does. */
export const connectOperations = {
  createSession: operation
    .route({
      method: 'POST',
      path: '/v1/connect/sessions',
      summary: 'Open a setup link',
      description:
        'Answers with a token that is good for an hour from its last use, for one connection, and for setting it up alone.',
      successStatus: 201,
      tags: ['Connect'],
    })
    .meta({ open: true, errors: ['setup_link_not_usable', 'too_many_requests'] })
    .input(z.strictObject({ token: z.string().max(200).describe('The fragment of the address') }))
    .output(ConnectSession),
  get: operation
    .route({
      method: 'GET',
      path: '/v1/connect/connection',
      summary: 'Show the connection that a setup link is for',
      tags: ['Connect'],
    })
    .meta({ setup: 'session', errors: ['session_ended'] })
    .output(ConnectView),
  update: operation
    .route({
      method: 'PATCH',
      path: '/v1/connect/connection',
      summary: 'Say where the data is to go',
      description:
        'An account that the link does not fix has to be confirmed by the operator before data moves.',
      tags: ['Connect'],
    })
    .meta({
      setup: 'session',
      errors: [
        'session_ended',
        'invalid_location',
        'location_overlaps',
        'not_verifiable',
        'account_not_allowed',
        'account_pinned',
        'change_not_possible',
      ],
    })
    .input(PlaceUpdate)
    .output(ConnectView),
};
