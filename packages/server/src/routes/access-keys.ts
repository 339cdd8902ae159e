import {
  accessKeyPlace,
  accessKeySecret,
  addAccessKey,
  afterCheck,
  type CheckDeps,
  checkConnection,
  identifyAccessKey,
  newAccessKey,
  readAccessKey,
  removeAccessKey,
  requireKey,
  requireKeyAccess,
  requirePlaced,
  type SecretVault,
  useAccessKey,
} from '@causeway/connections';
import {
  type AccessKeyCreate,
  CausewayError,
  type CheckReport,
  type ConnectionBy,
} from '@causeway/contract';
import { createRateLimit } from '../rate-limit.ts';
import { api } from './implementer.ts';

export interface AccessKeyRoutesDeps {
  readonly access: Omit<CheckDeps, 'waitSeconds' | 'signal'>;
  readonly secrets: SecretVault;
}

export function accessKeyRoutes({ access, secrets }: AccessKeyRoutesDeps) {
  // AWS is asked about each, in a customer's name, and whoever has a setup link may ask.
  const limit = createRateLimit({ what: 'try an access key', burst: 20, secondsEach: 6 });
  return {
    add: api.accessKeys.add.handler(async ({ input: { id, ...key }, context, signal }) => {
      if (context.session !== null) limit.take(id);
      const { connections } = context.store;
      const connection = requireKeyAccess(await connections.get(id));
      await refuseTwice(connection, key, secrets);
      const { accountId } = await identifyAccessKey(connection, key, {
        ...access,
        ...(signal && { signal }),
      });
      const added = newAccessKey(key.accessKeyId, new Date());
      const sealed = await secrets.seal(accessKeyPlace(connection, added.id), accessKeySecret(key));
      const origin = { accountId, mayConfirm: context.apiKeyId !== null };
      return context.store.together(async (store) => {
        await store.secrets.save(sealed);
        return store.connections.update(id, (current) => {
          const before = requireKeyAccess(current);
          refuseMoved(connection, before, added.lastFour);
          return addAccessKey(before, added, origin);
        });
      });
    }),
    check: api.accessKeys.check.handler(async ({ input, context, signal }) => {
      const connection = requireKeyAccess(await context.store.connections.get(input.id));
      return checkWith(connection, input.keyId, { ...access, ...(signal && { signal }) });
    }),
    use: api.accessKeys.use.handler(async ({ input: { id, keyId }, context, signal }) => {
      if (context.session !== null) limit.take(id);
      const connection = requireKeyAccess(await context.store.connections.get(id));
      const report = await checkWith(connection, keyId, { ...access, ...(signal && { signal }) });
      if (report.outcome !== 'healthy') throw notProved(connection, keyId, report);
      return context.store.together(async ({ connections }) => {
        const changed = await connections.update(id, (current) => {
          const before = requireKeyAccess(current);
          refuseMoved(connection, before, requireKey(before, keyId).lastFour);
          return useAccessKey(before, keyId);
        });
        return connections.saveCheck(changed, report, (before) => afterCheck(before, report));
      });
    }),
    remove: api.accessKeys.remove.handler(({ input: { id, keyId }, context }) =>
      context.store.together(async (store) => {
        const changed = await store.connections.update(id, (connection) =>
          removeAccessKey(requireKeyAccess(connection), keyId),
        );
        await store.secrets.remove(accessKeyPlace(changed, keyId));
        return changed;
      }),
    ),
  };
}

/** The whole check, as if that key were the one in use. */
function checkWith(
  connection: ConnectionBy<'access_key'>,
  keyId: string,
  deps: CheckDeps,
): Promise<CheckReport> {
  return checkConnection(requirePlaced(useAccessKey(connection, keyId)), deps);
}

/** The same key twice would look like a rotation and be none. */
async function refuseTwice(
  connection: ConnectionBy<'access_key'>,
  { accessKeyId }: AccessKeyCreate,
  secrets: SecretVault,
): Promise<void> {
  for (const { id, lastFour } of connection.accessKeys) {
    // A key that was taken away meanwhile, or whose secret cannot be opened, may be entered again.
    if (lastFour !== accessKeyId.slice(-4)) continue;
    const known = await readAccessKey(connection, id, secrets);
    if (known?.accessKeyId !== accessKeyId) continue;
    throw refused(lastFour, 'the connection has it already');
  }
}

/** What was proved of a key was proved for the place and the account that the connection had then. */
function refuseMoved(
  checked: ConnectionBy<'access_key'>,
  current: ConnectionBy<'access_key'>,
  lastFour: string,
): void {
  const isSame =
    checked.bucket === current.bucket &&
    checked.prefix === current.prefix &&
    checked.accountId === current.accountId;
  if (!isSame) throw refused(lastFour, 'the connection was changed meanwhile: try again');
}

function notProved(
  connection: ConnectionBy<'access_key'>,
  keyId: string,
  { steps }: CheckReport,
): CausewayError {
  const step = steps.find(({ verdict }) => verdict === 'failed');
  const { lastFour } = requireKey(connection, keyId);
  return refused(lastFour, `its check failed at "${step?.title}": ${step?.message}`);
}

function refused(lastFour: string, reason: string): CausewayError {
  return new CausewayError('access_key_refused', { lastFour, reason });
}
