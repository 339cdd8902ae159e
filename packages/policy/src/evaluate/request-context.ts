import type { AccessRequest } from '../model.ts';
import type { Caller } from './caller.ts';
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
  const keys = new Map<string, Value>();
  setImplied(keys, request, caller);
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

/** What the other fields of the request already say. */
function setImplied(keys: Map<string, Value>, request: AccessRequest, caller: Caller): void {
  keys.set('aws:resourceaccount', request.resourceAccount);
  keys.set('s3:resourceaccount', request.resourceAccount);
  if (caller.kind !== 'anonymous') {
    keys.set('aws:principalisawsservice', String(caller.arn.endsWith('.amazonaws.com')));
  }
  if (caller.kind === 'named') return;
  keys.set('aws:principalaccount', caller.account ?? 'anonymous');
  keys.set('aws:principaltype', principalTypes[caller.kind]);
  if (caller.kind === 'anonymous') return;
  keys.set('aws:principalarn', caller.roleArn ?? caller.arn);
  if (/^kms:/i.test(request.action)) keys.set('kms:calleraccount', caller.account ?? '');
  if (caller.kind === 'user') keys.set('aws:username', caller.arn.split('/').at(-1) ?? '');
}
