import type { Caller } from './caller.ts';
import type { AccessRequest } from './model.ts';
import type { ContextKeys } from './policy-variables.ts';

type Value = string | readonly string[];

/**
 * The condition keys of a request, put together when the first of them is asked for:
 * most statements are settled by action and resource, and never ask.
 */
export class RequestContext implements ContextKeys {
  readonly #request: AccessRequest;
  readonly #caller: Caller;
  #keys: Map<string, Value> | null = null;

  constructor(request: AccessRequest, caller: Caller) {
    this.#request = request;
    this.#caller = caller;
  }

  get(key: string): Value | undefined {
    return this.#all().get(key);
  }

  has(key: string): boolean {
    return this.#all().has(key);
  }

  get size(): number {
    return this.#all().size;
  }

  keys(): MapIterator<string> {
    return this.#all().keys();
  }

  values(): MapIterator<Value> {
    return this.#all().values();
  }

  entries(): MapIterator<[string, Value]> {
    return this.#all().entries();
  }

  forEach(visit: (value: Value, key: string, map: ContextKeys) => void): void {
    for (const [key, value] of this.#all()) visit(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  #all(): Map<string, Value> {
    this.#keys ??= gatherContext(this.#request, this.#caller);
    return this.#keys;
  }
}

function gatherContext(request: AccessRequest, caller: Caller): Map<string, Value> {
  const keys = new Map<string, Value>(impliedKeys(request, caller));
  for (const key of Object.keys(request.context)) {
    const value = request.context[key];
    if (value !== undefined) keys.set(key.toLowerCase(), value);
  }
  return keys;
}

const principalTypes = {
  anonymous: 'Anonymous',
  root: 'Account',
  user: 'User',
  role: 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const;

function impliedKeys(request: AccessRequest, caller: Caller): [string, string][] {
  const keys: [string, string][] = [
    ['aws:resourceaccount', request.resourceAccount],
    ['s3:resourceaccount', request.resourceAccount],
  ];
  const isService = caller.arn.endsWith('.amazonaws.com');
  if (caller.kind !== 'anonymous') keys.push(['aws:principalisawsservice', String(isService)]);
  if (caller.kind === 'named') return keys;
  keys.push(['aws:principalaccount', caller.account ?? 'anonymous']);
  keys.push(['aws:principaltype', principalTypes[caller.kind]]);
  if (caller.kind === 'anonymous') return keys;
  keys.push(['aws:principalarn', caller.roleArn ?? caller.arn]);
  if (/^kms:/i.test(request.action)) keys.push(['kms:calleraccount', caller.account ?? '']);
  if (caller.kind === 'user') keys.push(['aws:username', caller.arn.split('/').at(-1) ?? '']);
  return keys;
}
