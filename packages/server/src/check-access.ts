import { endpointRules } from '@causeway/objectstore';
import type { Configuration } from './configuration.ts';
import type { Platform } from './platform.ts';
import type { CheckAccess } from './routes/connections.ts';

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
