import {
  CausewayError,
  type ManagedSettings,
  parseLocation,
  readLocation,
} from '@causeway/contract';
import { requireRules } from './access-keys/store-reach.ts';
import { type CreateConnectionDeps, refuseForeignKey } from './create-connection.ts';
import { readCustomerRole, refuseOwnAccount } from './customer-role.ts';
import { refuseWriteKey } from './refuse-write-key.ts';
import { requireRegistrable } from './web-identity/issuer.ts';

/** A field of a request that is refused for what it says, with the error for it alone. */
export interface RefusedField {
  readonly path: string;
  readonly error: CausewayError;
}

type RefusalDeps = Pick<CreateConnectionDeps, 'operator' | 'endpoints'>;

/**
 * Every field that describes a connection and would be refused by itself, so that all
 * are told at once. The input need not fit its schema: what is no text is passed over.
 */
export function refusedFields(input: unknown, deps: RefusalDeps): RefusedField[] {
  const { access, location, accountId, roleArn, endpoint, issuer, settings } = fieldsOf(input);
  const { writeOptions } = fieldsOf(input);
  const { operator, endpoints } = deps;
  return [
    ...refusal('location', location, parseLocation),
    ...refusal('accountId', accountId, (text) => refuseOwnAccount(text, operator)),
    ...refusal('roleArn', roleArn, (text) => readCustomerRole(text, operator)),
    ...(access === 'access_key'
      ? refusal('endpoint', endpoint, (text) => requireRules(text, endpoints).accept(text))
      : []),
    ...refusal('writeOptions.kmsKeyArn', fieldsOf(writeOptions)['kmsKeyArn'], (kmsKeyArn) =>
      refuseWriteKey({ kmsKeyArn }, {}, operator),
    ),
    ...(access === 'web_identity' ? refusal('issuer', issuer, requireRegistrable) : []),
    ...(operator.withoutAccount
      ? []
      : refusal('settings.kmsKeyArn', fieldsOf(settings)['kmsKeyArn'], (kmsKeyArn) =>
          refuseForeignKey({ kmsKeyArn } satisfies Partial<ManagedSettings>, operator),
        )),
  ];
}

/** As {@link refusedFields}, of a place as the holder of a setup link says it. */
export function refusedPlaceFields(input: unknown, deps: RefusalDeps): RefusedField[] {
  const { bucket, prefix, accountId } = fieldsOf(input);
  const instead = typeof prefix === 'string' ? 'causeway/' : undefined;
  return [
    ...refusal('bucket', bucket, (text) => readLocation(text.trim(), instead)),
    ...refusal('prefix', prefix, (text) => readLocation('any-bucket', text)),
    ...refusal('accountId', accountId, (text) => refuseOwnAccount(text, deps.operator)),
  ];
}

function refusal(path: string, value: unknown, judge: (text: string) => unknown): RefusedField[] {
  if (typeof value !== 'string') return [];
  try {
    judge(value);
    return [];
  } catch (error) {
    if (CausewayError.is(error)) return [{ path, error }];
    throw error;
  }
}

function fieldsOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? { ...input } : {};
}
