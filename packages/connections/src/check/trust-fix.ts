import type { StatementDocument } from '@causeway/policy';
import { hasExistingRole } from '../customer-role.ts';
import type { CheckContext, Fix } from './check-context.ts';
import { addStatements } from './finding-parts.ts';

/** A change of the trust policy, with the one of the guide. */
export function trustFix({ documents }: CheckContext, text: string): Fix {
  return { document: 'trustPolicy', text, policy: documents['trustPolicy'] };
}

/**
 * For a role that is not there or does not let us in. One that was there before serves others
 * too, so the guide's statement is added to what its policy says.
 */
export function roleFix(context: CheckContext): Fix {
  if (!hasExistingRole(context.connection)) {
    return trustFix(context, 'Create the role with this name and this trust policy');
  }
  const text = `See that ${context.principal.noun} exists, and add this statement to its trust policy, which keeps what else it says`;
  const { Statement = [] } = (context.documents['trustPolicy'] ?? {}) as {
    readonly Statement?: readonly StatementDocument[];
  };
  return { ...trustFix(context, text), patch: addStatements(Statement) };
}

/** For a role that lets in whom it must refuse; `demand` says of which what is missing. */
export function demandFix(context: CheckContext, demand: string): Fix {
  const { noun } = context.principal;
  const text = hasExistingRole(context.connection)
    ? `In the trust policy of ${noun}, replace each statement that lets Causeway in by this one: ${demand}`
    : `Replace the trust policy of ${noun}: ${demand}`;
  return trustFix(context, text);
}
