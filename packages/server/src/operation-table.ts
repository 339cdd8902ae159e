import { type ErrorCode, type OperationMeta, operations, pushLimits } from '@causeway/contract';
import { traverseContractProcedures } from '@orpc/server';

/** One operation of the contract with what its route and its meta say. */
export interface OperationEntry {
  /** `customers.create`; also its id in OpenAPI. */
  readonly id: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly hasInput: boolean;
  readonly meta: OperationMeta;
}

/** Every operation, in the contract's order. */
export function listOperations(): OperationEntry[] {
  const entries: OperationEntry[] = [];
  traverseContractProcedures({ router: operations, path: [] }, ({ contract, path }) => {
    const { route, meta, inputSchema } = contract['~orpc'];
    const id = path.join('.');
    if (!route.method || !route.path) throw new Error(`Cannot mount "${id}": it has no route`);
    const hasInput = inputSchema !== undefined;
    entries.push({ id, method: route.method, path: route.path, hasInput, meta });
  });
  return entries;
}

/** The methods that some operation takes at this path, in alphabetical order. */
export function methodsAt(path: string): string[] {
  const methods = listOperations()
    .filter((operation) => patternOf(operation.path).test(path))
    .map((operation) => operation.method);
  return [...new Set(methods)].sort();
}

/** The type of the body that the operation at this path takes. */
export function bodyTypeOf(method: string, path: string): string {
  return operationAt(method, path)?.meta.takes ?? 'application/json';
}

/** The largest body that the operation at this path takes; null where nothing else is said. */
export function bodyLimitOf(method: string, path: string): number | null {
  const takesLines = operationAt(method, path)?.meta.takes === 'application/x-ndjson';
  return takesLines ? pushLimits.bytes : null;
}

/** None of those that take something special has a neighbour whose pattern fits its path. */
function operationAt(method: string, path: string): OperationEntry | undefined {
  const special = listOperations().filter(({ meta }) => meta.takes !== undefined);
  return special.find((each) => each.method === method && patternOf(each.path).test(path));
}

/** What an operation may answer with beside its own codes. */
export function errorCodesOf(operation: OperationEntry): ErrorCode[] {
  const codes: ErrorCode[] = ['internal', 'database_unreachable', ...(operation.meta.errors ?? [])];
  if (operation.hasInput) codes.push('invalid_request');
  if (!operation.meta.open) codes.push('unauthorized');
  if (operation.method === 'POST') codes.push('body_too_large', 'media_type_not_supported');
  if (operation.meta.creates) codes.push('idempotency_key_reused');
  return [...new Set(codes)];
}

function patternOf(path: string): RegExp {
  const pattern = path.replace(/[.\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${pattern}/?$`);
}
