import { anonymous, type Caller } from '../../access/caller.ts';
import { AwsError } from '../../http/aws-error.ts';
import { text } from '../../http/xml.ts';
import { oidcProviderArn } from '../../iam/oidc-provider-arn.ts';
import type { QueryOperation, QueryRequest } from '../../query/query-operation.ts';
import {
  type AskedSession,
  accountOfArn,
  openRoleSession,
  readRoleArn,
  readSessionName,
  sessionDemands,
} from '../role-session.ts';
import { readDuration } from '../session-duration.ts';
import { joinTags } from '../session-tags.ts';
import { verifyToken, type WebIdentity } from './verify-token.ts';

/**
 * Gives credentials of a role for a token of an OpenID Connect issuer that the
 * role's account has registered. Nobody signs the call: the token is the proof.
 */
export const assumeRoleWithWebIdentity: QueryOperation = {
  name: 'AssumeRoleWithWebIdentity',
  identify: async ({ parameters, world }) => {
    const accountId = accountOfArn(readRoleArn({ parameters }));
    readSessionName({ parameters });
    readDuration({ parameters });
    const token = parameters.text('WebIdentityToken', { min: 4, max: 20_000 });
    if (parameters.has('ProviderId')) {
      const message = 'ProviderId is for OAuth 2.0 access tokens, which the sandbox does not have';
      throw new AwsError(400, 'ValidationError', message);
    }
    const identity = await verifyToken(token, {
      clock: world.clock,
      issuerKeys: world.issuerKeys,
      findProvider: (issuer) => {
        const arn = oidcProviderArn(accountId, issuer);
        const record = world.iam.oidcProviders.get(arn);
        return record?.url === issuer ? { arn, record } : null;
      },
    });
    return providerAsCaller(identity);
  },
  demands: (request) =>
    sessionDemands(request, 'sts:AssumeRoleWithWebIdentity', askedOf(request), {}),
  // AWS says neither who nor on what, nor why.
  refusal: ({ action }) => new AwsError(403, 'AccessDenied', `Not authorized to perform ${action}`),
  run: (request) => {
    const { keys, provider, subject, audience } = identityOf(request);
    return [
      ...openRoleSession(request, askedOf(request), {
        ...keys,
        'aws:FederatedProvider': provider,
      }),
      text('SubjectFromWebIdentityToken', subject),
      text('Audience', audience),
      text('Provider', provider),
    ];
  },
};

function providerAsCaller(identity: WebIdentity): Caller {
  return {
    ...anonymous,
    kind: 'web_identity',
    arn: identity.provider,
    principalArn: identity.provider,
    userId: identity.subject,
    context: { ...identity.keys, 'aws:FederatedProvider': identity.provider },
    webIdentity: identity,
  };
}

function identityOf({ caller }: QueryRequest): WebIdentity {
  if (caller.webIdentity) return caller.webIdentity;
  throw new Error('Cannot assume the role: nothing was verified');
}

function askedOf(request: QueryRequest): AskedSession {
  const { tags, transitiveTagKeys, sourceIdentity } = identityOf(request);
  return {
    roleArn: readRoleArn(request),
    sessionName: readSessionName(request),
    tags: joinTags(tags, transitiveTagKeys, null),
    sourceIdentity,
  };
}
