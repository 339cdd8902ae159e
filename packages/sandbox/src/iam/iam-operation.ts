import { entityArn } from '../access/entity-arn.ts';
import { AwsError } from '../http/aws-error.ts';
import { text } from '../http/xml.ts';
import type { Parameters } from '../query/parameters.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import { iamContext } from './iam-context.ts';

export const entityName = { pattern: /[\w+=,.@-]+/, min: 1, max: 128 } as const;

/** An IAM operation whose caller must be allowed `iam:<name>` on one resource of its own account. */
export function iamOperation(
  name: string,
  resource: (request: QueryRequest) => string,
  run: QueryOperation['run'],
): QueryOperation {
  return {
    name,
    demands: (request) => [
      {
        action: `iam:${name}`,
        resource: resource(request),
        resourceAccount: request.accountId,
        context: iamContext(request),
      },
    ],
    run,
  };
}

/** The ARN of the entity that a parameter names, as far as it can be known without looking. */
export function named(kind: 'user' | 'role' | 'group', parameter: string) {
  return ({ accountId, parameters, world, caller }: QueryRequest): string => {
    const name = parameters.get(parameter) ?? '';
    if (name === '' && kind === 'user' && caller.kind === 'user') return caller.arn;
    const { users, roles, groups } = world.state;
    const table = { user: users, role: roles, group: groups }[kind];
    const path = table.get(`${accountId}/${name}`)?.path ?? parameters.get('Path') ?? '/';
    return entityArn(kind, { accountId, path, name });
  };
}

/** The resource of calls that are about a whole account. */
export function everyEntity(kind: 'user' | 'role' | 'group' | 'policy') {
  return ({ accountId, parameters }: QueryRequest): string =>
    `arn:aws:iam::${accountId}:${kind}${parameters.get('PathPrefix') ?? '/'}`;
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError(404, 'NoSuchEntity', message);
}

export function alreadyExists(message: string): AwsError {
  return new AwsError(409, 'EntityAlreadyExists', message);
}

export function limitExceeded(quota: string, limit: number): AwsError {
  return new AwsError(409, 'LimitExceeded', `Cannot exceed quota for ${quota}: ${limit}`);
}

export function deleteConflict(message: string): AwsError {
  return new AwsError(409, 'DeleteConflict', message);
}

/** @throws AwsError `ValidationError` unless it begins and ends with a slash. */
export function readPath(parameters: Parameters, name = 'Path'): string {
  return parameters.optionalText(name, { pattern: /\/|\/[!-~]+\//, min: 1, max: 512 }) ?? '/';
}

/** One page of a list, by `MaxItems` and `Marker`, and the elements that lead to the next. */
export function pageOf<T>(
  all: readonly T[],
  parameters: Parameters,
): { readonly items: readonly T[]; readonly paging: readonly string[] } {
  const start = Number(parameters.optionalText('Marker', { pattern: /\d{1,9}/ }) ?? 0);
  const limit = parameters.optionalNumber('MaxItems', 1, 1000) ?? 100;
  const end = start + limit;
  const isTruncated = all.length > end;
  return {
    items: all.slice(start, end),
    paging: [text('IsTruncated', isTruncated), text('Marker', isTruncated ? end : null)],
  };
}

/** Times of IAM have no fraction of a second. */
export function seconds(isoTime: string): string {
  return isoTime.replace(/\.\d{3}/, '');
}

/** IAM sends policy documents percent-encoded. */
export function encodedDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
