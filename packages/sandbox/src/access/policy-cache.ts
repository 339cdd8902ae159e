import { type Policy, type PolicyKind, parsePolicy } from '@causeway/policy';

const maxEntries = 2000;

/** Policies as the evaluator wants them, compiled once for each text. */
export class PolicyCache {
  readonly #compiled = new Map<string, Policy>();

  /** @param document must have passed {@link parsePolicy} before it was stored. */
  get(document: string, name: string, type: PolicyKind): Policy {
    const key = `${type}\n${name}\n${document}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const policy = parsePolicy(document, { name, type });
    if (this.#compiled.size >= maxEntries) this.#compiled.clear();
    this.#compiled.set(key, policy);
    return policy;
  }
}
