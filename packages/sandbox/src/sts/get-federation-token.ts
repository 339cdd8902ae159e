import type { Demand } from '../access/authorize.ts';
import { element, text } from '../http/xml.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import type { FederatedSessionRecord } from '../state/records.ts';
import { refuseSession, userOf } from './get-session-token.ts';
import { credentialsElement, newCredentials } from './new-credentials.ts';
import { packedPolicySize } from './packed-policy.ts';
import { userSessionSeconds } from './session-duration.ts';
import { readSessionPolicies } from './session-policies.ts';
import { readSessionTags, tagKeys } from './session-tags.ts';

/**
 * Temporary credentials under another name, with what both the user who asks and the
 * passed policies allow: nothing, if none is passed.
 */
export const getFederationToken: QueryOperation = {
  name: 'GetFederationToken',
  demands: (request) => {
    const { accountId, parameters } = request;
    refuseSession(request, 'GetFederationToken');
    userSessionSeconds(request);
    const tags = readSessionTags(parameters, null);
    const demand: Demand = {
      action: 'sts:GetFederationToken',
      resource: federatedArn(request),
      resourceAccount: accountId,
      context: tagKeys(tags),
    };
    const hasTags = Object.keys(tags.passed).length > 0;
    return hasTags ? [demand, { ...demand, action: 'sts:TagSession' }] : [demand];
  },
  run: (request) => {
    const { world, accountId, parameters } = request;
    const name = readName(request);
    const sessionPolicies = readSessionPolicies(request, accountId);
    const { passed: tags } = readSessionTags(parameters, null);
    const packed = packedPolicySize(sessionPolicies, tags);
    const session: FederatedSessionRecord = {
      ...newCredentials(world.now(), userSessionSeconds(request)),
      kind: 'federated_user',
      accountId,
      name,
      user: userOf(request),
      sessionPolicies,
      tags,
    };
    world.state.commit(world.state.sessions.put(session.accessKeyId, session));
    return [
      credentialsElement(session),
      element('FederatedUser', [
        text('FederatedUserId', `${accountId}:${name}`),
        text('Arn', federatedArn(request)),
      ]),
      text('PackedPolicySize', packed),
    ];
  },
};

function readName({ parameters }: QueryRequest): string {
  return parameters.text('Name', { pattern: /[\w+=,.@-]*/, min: 2, max: 32 });
}

function federatedArn(request: QueryRequest): string {
  return `arn:aws:sts::${request.accountId}:federated-user/${readName(request)}`;
}
