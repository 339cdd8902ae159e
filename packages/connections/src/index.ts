/** A customer's bucket: how we reach it, how it is set up, whether it works. */
export { type AccessDenial, parseAccessDenied } from './check/access-denied.ts';
export { checkConnection } from './check/check-connection.ts';
export type { CheckDeps } from './check/check-deps.ts';
export { statusAfter } from './check/status-after.ts';
export {
  type CreateConnectionDeps,
  createConnection,
  type Issuer,
  type Operator,
} from './create-connection.ts';
export { type AccessDeps, openConnection, requirePlaced, type Scope } from './open-connection.ts';
export type { SetupOptions } from './setup/setup-documents.ts';
export { setupGuide } from './setup/setup-guide.ts';
export { confirmAccount, updateConnection } from './update-connection.ts';
