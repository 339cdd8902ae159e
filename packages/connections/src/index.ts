/** A customer's bucket: how we reach it, how it is set up, whether it works. */
export { type AccessDenial, parseAccessDenied } from './access-denied.ts';
export { type CheckDeps, checkConnection, statusAfter } from './check-connection.ts';
export {
  type CreateConnectionDeps,
  createConnection,
  type Issuer,
  type Operator,
} from './create-connection.ts';
export { type AccessDeps, openConnection, requirePlaced, type Scope } from './open-connection.ts';
export { setupGuide } from './setup-guide.ts';
export { confirmAccount, updateConnection } from './update-connection.ts';
