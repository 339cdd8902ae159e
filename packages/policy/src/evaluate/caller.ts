import type { AccessRequest } from '../model.ts';
import { splitArn } from './arn.ts';

/** Who makes a request, in all the names a policy may use for it. */
export interface Caller {
  /** `named` is a service or an identity provider: it belongs to no account. */
  readonly kind: 'anonymous' | 'root' | 'user' | 'role' | 'federated-user' | 'named';
  readonly account: string | null;
  /** As the request has it. */
  readonly arn: string;
  /** The account's root ARN, which stands for the whole account. */
  readonly rootArn: string | null;
  /** Only for sessions of a role. */
  readonly roleArn: string | null;
  readonly canonicalUserId: string | null;
}

/**
 * Reads the principal of a request; null if it is neither `*`, nor the ARN of a
 * user, role, session, root user or identity provider, nor the bare name of a
 * service or identity provider.
 */
export function readCaller(request: AccessRequest): Caller | null {
  const { principal } = request;
  const canonicalUserId = request.canonicalUserId ?? null;
  if (principal === '*') return outsider('anonymous', principal, canonicalUserId);
  const parts = splitArn(principal);
  if (!parts) {
    const isName = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(principal);
    return isName ? outsider('named', principal, canonicalUserId) : null;
  }
  const [, partition, service, , account, rest] = parts;
  const kind = kindOf(service, rest);
  if (kind === null || !/^\d{12}$/.test(account)) return null;
  if (kind === 'named') return outsider(kind, principal, canonicalUserId);
  return {
    kind,
    account,
    arn: principal,
    rootArn: `arn:${partition}:iam::${account}:root`,
    roleArn: kind === 'role' ? roleArnOf(request, parts) : null,
    canonicalUserId,
  };
}

function outsider(kind: Caller['kind'], arn: string, canonicalUserId: string | null): Caller {
  return { kind, account: null, arn, rootArn: null, roleArn: null, canonicalUserId };
}

function kindOf(service: string, rest: string): Caller['kind'] | null {
  if (service === 'sts') {
    if (/^assumed-role\/[^/]+\/[^/]+$/.test(rest)) return 'role';
    return /^federated-user\/[^/]+$/.test(rest) ? 'federated-user' : null;
  }
  if (service !== 'iam') return null;
  if (rest === 'root') return 'root';
  if (/^user\/(.+\/)?[^/]+$/.test(rest)) return 'user';
  if (/^role\/(.+\/)?[^/]+$/.test(rest)) return 'role';
  return /^(oidc|saml)-provider\/.+$/.test(rest) ? 'named' : null;
}

function roleArnOf(request: AccessRequest, parts: readonly string[]): string {
  const [, partition, service, , account, rest = ''] = parts;
  if (service === 'iam') return request.principal;
  const name = rest.slice(rest.indexOf('/') + 1, rest.lastIndexOf('/'));
  const start = `arn:${partition}:iam::${account}:role/`;
  const stated = statedArn(request.context);
  // A role with a path: the session's ARN does not show it.
  if (stated?.startsWith(start) && stated.endsWith(`/${name}`)) return stated;
  return start + name;
}

function statedArn(context: AccessRequest['context']): string | null {
  const wanted = 'aws:principalarn';
  for (const key of Object.keys(context)) {
    if (key.length !== wanted.length || key.toLowerCase() !== wanted) continue;
    const value = context[key];
    if (typeof value === 'string') return value;
  }
  return null;
}
