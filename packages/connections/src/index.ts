/** A customer's bucket: how we reach it, how it is set up, whether it works. */
export { type AccessDenial, parseAccessDenied } from './access-denied.ts';
export { type CheckDeps, checkConnection, statusAfter } from './check-connection.ts';
export { createConnection, type Operator } from './create-connection.ts';
export {
  type OpenableConnection,
  type OpenDeps,
  openConnection,
  type Scope,
} from './open-connection.ts';
export { setupGuide } from './setup-guide.ts';
