import type { Configuration } from './configuration.ts';
import type { Platform } from './platform.ts';
import type { CheckAccess } from './routes/connections.ts';

/** How this process reaches connections, to check them and to use them. */
export function checkAccessOf(
  { operator, identityTokens }: Pick<Platform, 'operator' | 'identityTokens'>,
  { aws }: Pick<Configuration, 'aws'>,
): CheckAccess {
  const endpoint = aws.endpoint === null ? {} : { endpoint: aws.endpoint };
  const { credentials } = operator;
  return { operator, credentials, identityTokens, region: aws.region, ...endpoint };
}
