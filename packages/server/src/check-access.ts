import type { CheckDeps, IdentityTokens } from '@causeway/connections';
import { endpointRules } from '@causeway/objectstore';
import type { Configuration } from './configuration.ts';
import type { Platform } from './platform.ts';

/** How customers' roles are assumed and their buckets found. */
export type CheckAccess = Pick<
  CheckDeps,
  'operator' | 'credentials' | 'region' | 'endpoint' | 'endpoints' | 'secrets' | 'browserOrigins'
> & {
  readonly identityTokens: IdentityTokens;
};

/** How this process reaches connections, to check them and to use them. */
export function checkAccessOf(
  { operator, identityTokens, secrets }: Pick<Platform, 'operator' | 'identityTokens' | 'secrets'>,
  {
    aws,
    allowedEndpoints,
    browserOrigins,
  }: Pick<Configuration, 'aws' | 'allowedEndpoints' | 'browserOrigins'>,
): CheckAccess {
  return {
    operator,
    credentials: operator.credentials,
    identityTokens,
    secrets,
    endpoints: endpointRules(allowedEndpoints),
    browserOrigins,
    region: aws.region,
    ...(aws.endpoint !== null && { endpoint: aws.endpoint }),
  };
}
