/** Which kind of policy refused a request, read from AWS's enhanced 403 text. */
export interface AccessDenial {
  readonly kind: 'missing_allow' | 'explicit_deny' | 'unknown';
  /** AWS's word: `identity-based`, `resource-based`, `session`, `permissions boundary`, `service control`, ... */
  readonly policyType: string | null;
  readonly action: string | null;
}

/**
 * Reads AWS's grammar of AccessDenied messages and degrades to `unknown`: across
 * accounts S3 answers the bare "Access Denied".
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function parseAccessDenied(message: string): AccessDenial {
  const action = /not authorized to perform: ([\w-]+:[\w*-]+)/.exec(message)?.[1] ?? null;
  const missing = /because no ([\w -]+?) policy allows/.exec(message);
  if (missing?.[1]) return { kind: 'missing_allow', policyType: missing[1], action };
  const denied = /with an explicit deny in an? ([\w -]+?) policy/.exec(message);
  if (denied?.[1]) return { kind: 'explicit_deny', policyType: denied[1], action };
  return { kind: 'unknown', policyType: null, action };
}
