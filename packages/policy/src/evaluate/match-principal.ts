import type { PrincipalElement } from '../model.ts';
import type { Caller } from './caller.ts';

/**
 * How a resource policy names the caller. In the caller's own account it decides what
 * else must allow: `direct` nothing, `role` boundary and session, `account` all of them.
 */
export type PrincipalGrade = 'direct' | 'role' | 'account';

/** The closest way in which the element covers the caller, or null. */
export function matchPrincipal(
  element: PrincipalElement,
  caller: Caller,
  bounded: boolean,
): PrincipalGrade | null {
  if (element.not) return !bounded && isExempt(element, caller) ? null : 'direct';
  if (element.anyone) return 'direct';
  if (caller.kind === 'named') return names(element, caller.arn) ? 'direct' : null;
  if (element.aws.includes('*')) return 'direct';
  if (caller.kind === 'anonymous') return null;
  if (caller.arn !== caller.roleArn && element.aws.includes(caller.arn)) return 'direct';
  if (caller.roleArn !== null && element.aws.includes(caller.roleArn)) return 'role';
  return namesAccount(element, caller) ? 'account' : null;
}

/** `NotPrincipal` spares a session only if both the session and its role are listed. */
function isExempt(element: PrincipalElement, caller: Caller): boolean {
  if (element.anyone) return true;
  if (caller.kind === 'named') return names(element, caller.arn);
  if (element.aws.includes('*')) return true;
  if (caller.kind === 'anonymous') return false;
  if (caller.kind === 'root') return namesAccount(element, caller);
  const listed = [caller.arn, caller.roleArn ?? caller.arn];
  return listed.every((arn) => element.aws.includes(arn));
}

function names(element: PrincipalElement, name: string): boolean {
  return element.service.includes(name) || element.federated.includes(name);
}

function namesAccount(element: PrincipalElement, caller: Caller): boolean {
  const { account, rootArn, canonicalUserId } = caller;
  return (
    (account !== null && element.aws.includes(account)) ||
    (rootArn !== null && element.aws.includes(rootArn)) ||
    (canonicalUserId !== null && element.canonicalUser.includes(canonicalUserId))
  );
}
