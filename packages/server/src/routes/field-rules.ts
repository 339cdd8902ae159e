import { type RefusedField, refusedFields, refusedPlaceFields } from '@causeway/connections';
import type { CheckAccess } from '../check-access.ts';

/** By the name of an operation: which fields of its input are refused for what they say. */
export type FieldRules = Readonly<Record<string, (input: unknown) => readonly RefusedField[]>>;

/**
 * What cannot stand in a schema, because it depends on the operator: its account, its
 * list of endpoints. Asked before an input is held against its schema, so that a caller
 * hears of all that is wrong at once.
 */
export function fieldRules(access: Pick<CheckAccess, 'operator' | 'endpoints'>): FieldRules {
  const connection = (input: unknown) => refusedFields(input, access);
  return {
    'connections.create': connection,
    'connections.update': connection,
    'setupLinks.create': (input) => [
      ...connection(member(input, 'connection')).map(({ path, error }) => ({
        path: `connection.${path}`,
        error,
      })),
      ...connection({ accountId: member(input, 'expectedAccountId') }).map(({ error }) => ({
        path: 'expectedAccountId',
        error,
      })),
    ],
    'connect.update': (input) => refusedPlaceFields(input, access),
  };
}

function member(input: unknown, name: string): unknown {
  if (typeof input !== 'object' || input === null) return undefined;
  return Object.entries(input).find(([key]) => key === name)?.[1];
}
