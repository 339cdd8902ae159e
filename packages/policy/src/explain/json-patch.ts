/** The operations of RFC 6902 that a change to a policy needs. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export type JsonPatch = readonly JsonPatchOperation[];

/**
 * Applies a patch and answers with a new document: the given one stays as it is, and an
 * `add` at the empty path makes one out of nothing.
 *
 * @throws Error if an operation points at something that is not there.
 */
export function applyJsonPatch(document: unknown, patch: JsonPatch): unknown {
  return patch.reduce(applyOperation, copyOf(document));
}

/** Writes the steps to a value as a JSON pointer (RFC 6901). */
export function jsonPointer(steps: readonly (string | number)[]): string {
  return steps
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  const steps = operation.path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop();
  if (last === undefined) return operation.op === 'remove' ? null : copyOf(operation.value);
  let parent: unknown = document;
  for (const step of steps) parent = childOf(parent, step, operation);
  if (Array.isArray(parent)) changeItem(parent, last, operation);
  else if (isObject(parent)) changeMember(parent, last, operation);
  else throw pointless(operation);
  return document;
}

function changeItem(parent: unknown[], last: string, operation: JsonPatchOperation): void {
  const end = operation.op === 'add' ? parent.length : parent.length - 1;
  const index = last === '-' && operation.op === 'add' ? parent.length : Number(last);
  if (!/^(0|[1-9]\d*|-)$/.test(last) || !(index <= end)) throw pointless(operation);
  if (operation.op === 'add') parent.splice(index, 0, copyOf(operation.value));
  else if (operation.op === 'replace') parent[index] = copyOf(operation.value);
  else parent.splice(index, 1);
}

function changeMember(
  parent: Record<string, unknown>,
  last: string,
  operation: JsonPatchOperation,
): void {
  if (operation.op !== 'add' && !Object.hasOwn(parent, last)) throw pointless(operation);
  if (operation.op === 'remove') delete parent[last];
  // Not by assignment: a member may be called "__proto__".
  else {
    Object.defineProperty(parent, last, {
      value: copyOf(operation.value),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}

function childOf(parent: unknown, step: string, operation: JsonPatchOperation): unknown {
  if (Array.isArray(parent) && /^(0|[1-9]\d*)$/.test(step) && Number(step) < parent.length) {
    return parent[Number(step)];
  }
  if (isObject(parent) && !Array.isArray(parent) && Object.hasOwn(parent, step)) {
    return parent[step];
  }
  throw pointless(operation);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A later operation may change what an earlier one put in, and must not change the patch. */
function copyOf(json: unknown): unknown {
  return json === undefined ? undefined : JSON.parse(JSON.stringify(json));
}

function pointless({ op, path }: JsonPatchOperation): Error {
  return new Error(`Cannot ${op} at "${path}": the document has nothing there`);
}
