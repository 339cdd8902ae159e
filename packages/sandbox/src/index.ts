/** A local AWS: S3, STS, IAM, KMS and SQS on one port, with every policy enforced. */
export {
  defaultAccounts,
  type RootCredentials,
  rootCredentials,
  type SandboxAccount,
} from './accounts.ts';
export { servedCalls } from './calls.ts';
export { Clock, type ClockListener } from './clock.ts';
export { assertConfig, type SandboxConfig } from './config/read-config.ts';
export type { RequestRecord } from './control/history.ts';
export type { Fault, FaultEffect } from './faults/fault.ts';
export type { FaultReport } from './faults/fault-plan.ts';
export type { TlsAddress } from './listen.ts';
export type {
  AccountConfig,
  OrganizationConfig,
  OrganizationUnitConfig,
} from './organization/read-organization.ts';
export { SandboxError } from './sandbox-error.ts';
export { type Sandbox, type SandboxOptions, startSandbox } from './start-sandbox.ts';
