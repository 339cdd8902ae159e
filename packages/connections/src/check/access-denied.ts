/** Which kind of policy refused a request, read from AWS's enhanced 403 text. */
export interface AccessDenial {
  readonly kind: 'missing_allow' | 'explicit_deny' | 'unknown';
  /** AWS's word: `identity-based`, `resource-based`, `session`, `permissions boundary`, `service control`, ... */
  readonly policyType: string | null;
  readonly action: string | null;
  /** The resource, as an ARN, where AWS names it: a key of KMS, say. */
  readonly resource: string | null;
  /** The ARN of the policy, which AWS names within an account or organization. */
  readonly policyArn: string | null;
}

/**
 * Reads AWS's grammar of AccessDenied messages and degrades to `unknown`: across
 * accounts S3 answers the bare "Access Denied".
 *
 * After every type comes the word "policy", but not after `permissions boundary`. KMS has a
 * text of its own for callers of other accounts, in which it only says that it is not the
 * caller's policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function parseAccessDenied(message: string): AccessDenial {
  const action = /not authorized to perform: ([\w-]+:[\w*-]+)/.exec(message)?.[1] ?? null;
  const resource = /on resource: "?(arn:[^\s"]+)"?/.exec(message)?.[1] ?? null;
  const policyArn = /deny in (?:an?|the) [\w -]+?: (arn:\S+)/.exec(message)?.[1] ?? null;
  const found = (kind: AccessDenial['kind'], policyType: string | null) => {
    return { kind, policyType, action, resource, policyArn };
  };
  const missing = /because no ([\w -]+?)(?: policy)? allows the /.exec(message);
  if (missing?.[1]) return found('missing_allow', missing[1]);
  const denied = /an explicit deny in (?:an?|the) (permissions boundary|[\w -]+?(?= policy))/.exec(
    message,
  );
  if (denied?.[1]) return found('explicit_deny', denied[1]);
  const elsewhere = message.includes('no resource-based policies allow access');
  return elsewhere ? found('missing_allow', 'resource-based') : found('unknown', null);
}
