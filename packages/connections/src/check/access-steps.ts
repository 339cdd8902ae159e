import type { Access } from '@causeway/contract';
import { accessKeySteps } from './access-key-steps.ts';
import type { AccessSteps } from './check-context.ts';
import { managedSteps } from './managed-steps.ts';
import { roleSteps } from './role-steps.ts';
import { webIdentitySteps } from './web-identity-steps.ts';

/** What each access contributes to a check: a file of its own, and a line here. */
const byAccess: Readonly<Record<Access, AccessSteps>> = {
  role: roleSteps,
  bucket_policy: managedSteps,
  operator_role: managedSteps,
  web_identity: webIdentitySteps,
  access_key: accessKeySteps,
};

export function accessStepsOf(access: Access): AccessSteps {
  return byAccess[access];
}
