import { type AccessKeyCreate, CausewayError, type ConnectionBy } from '@causeway/contract';
import { type CallerIdentity, callerIdentity, type StsRefusal } from '@causeway/objectstore';
import { refuseOwnAccount } from '../customer-role.ts';
import type { Operator } from '../operator.ts';
import type { KeyPair } from './access-key-secret.ts';

export interface IdentifyDeps {
  readonly operator: Operator;
  readonly region: string;
  readonly endpoint?: string;
  readonly signal?: AbortSignal;
}

/**
 * Finds out whose key it is, before anything of it is kept.
 *
 * At AWS a key must be that of a user, in the customer's account: STS tells, without
 * any permission. Other stores have no STS, so there the check is the first to try it.
 *
 * @throws CausewayError `access_key_refused`, `account_not_allowed`, `store_unavailable`.
 */
export async function identifyAccessKey(
  connection: ConnectionBy<'access_key'>,
  input: AccessKeyCreate,
  deps: IdentifyDeps,
): Promise<{ readonly accountId: string | null }> {
  refuseTemporary(input);
  if (connection.endpoint !== null) return { accountId: null };
  if (!permanentKey.test(input.accessKeyId)) {
    throw refused(
      input,
      'an access key ID of AWS begins with "AKIA" and has 16 characters or more',
    );
  }
  const identity = await identityOf(input, deps);
  if (!identity.ok) throw notAccepted(input, identity);
  const { accountId, arn } = identity;
  if (arn.endsWith(':root')) {
    throw refused(input, 'it is a key of the root user, which may do everything in its account');
  }
  if (!/:user\//.test(arn)) throw refused(input, 'it is not the key of an IAM user');
  refuseOwnAccount(accountId, deps.operator);
  if (connection.accountId !== null && connection.accountId !== accountId) {
    throw refused(input, `it belongs to account ${accountId}, and not to ${connection.accountId}`);
  }
  return { accountId };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes */
const permanentKey = /^AKIA[A-Z0-9]{12,124}$/;

function refuseTemporary(input: AccessKeyCreate): void {
  if (!input.accessKeyId.startsWith('ASIA') && input.sessionToken === undefined) return;
  throw refused(input, 'it is a temporary key, which ends by itself within hours');
}

function identityOf(
  { accessKeyId, secretAccessKey }: KeyPair,
  { region, endpoint, signal }: IdentifyDeps,
): Promise<CallerIdentity | StsRefusal> {
  return callerIdentity({
    region,
    credentials: { accessKeyId, secretAccessKey },
    ...(endpoint !== undefined && { endpoint }),
    ...(signal && { signal }),
  });
}

function notAccepted({ accessKeyId }: KeyPair, { code }: StsRefusal): CausewayError {
  const lastFour = accessKeyId.slice(-4);
  const refuse = (reason: string, field?: 'secretAccessKey') =>
    new CausewayError('access_key_refused', { lastFour, reason, ...(field && { field }) });
  switch (code) {
    case 'InvalidClientTokenId':
      return refuse(
        'AWS does not know it: it is mistyped, inactive or deleted, or was made within the last minute',
      );
    case 'SignatureDoesNotMatch':
      return refuse('the secret does not belong to it', 'secretAccessKey');
    default:
      return refuse(`AWS answered ${code}`);
  }
}

function refused({ accessKeyId }: KeyPair, reason: string): CausewayError {
  return new CausewayError('access_key_refused', { lastFour: accessKeyId.slice(-4), reason });
}
