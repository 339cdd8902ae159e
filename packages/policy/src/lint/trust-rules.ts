import { type JsonPatch, jsonPointer } from '../explain/json-patch.ts';
import { addValue } from '../generate/statement-json.ts';
import type { LintDocument, LintStatement, PlacedCondition } from './lint-document.ts';
import { quoted } from './lint-document.ts';
import type { Hit, LintRule } from './lint-rule.ts';
import { outsiders, trustsOf } from './principal-rules.ts';

const kinds = ['trust'] as const;

/**
 * The external ID keeps one customer of a company from having the company act on the
 * role of another. Whatever makes it optional makes it worthless.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export const trustRules: readonly LintRule[] = [
  {
    code: 'external_id_missing',
    severity: 'error',
    finds: 'trust in another account without an external ID',
    reason:
      'Whoever knows the ARN of the role can have that account assume it for them: the confused deputy',
    kinds,
    check: missing,
  },
  {
    code: 'external_id_optional',
    severity: 'error',
    finds: 'a condition on sts:ExternalId that also holds without one',
    reason: 'A caller who passes no external ID is let in',
    kinds,
    check: (document) =>
      document.context.externalId === null
        ? []
        : onTrust(document, (each, placed) => {
            const { operator } = placed.condition;
            const isOptional = /IfExists$|^ForAllValues:|^Null$|^StringNot/.test(operator);
            const isDemanded = operator === 'Null' && placed.condition.values.includes('false');
            if (!isOptional || isDemanded) return null;
            return {
              message: `${operator} holds for a request without an external ID`,
              fix: 'Write it under "StringEquals"',
              patch: toStringEquals(each, placed),
            };
          }),
  },
  {
    code: 'external_id_pattern',
    severity: 'error',
    finds: 'a pattern for external IDs',
    reason: 'An ID that fits a pattern can be made up; "*" accepts any',
    kinds,
    check: (document) =>
      onTrust(document, (_, { operator, condition }) =>
        operator === 'StringLike' && condition.values.some((value) => /[*?]/.test(value))
          ? {
              message: `${quoted(condition.values)} ${condition.values.includes('*') ? 'accepts any external ID' : 'accepts more than one external ID'}`,
              fix: 'Write the whole external ID under "StringEquals"',
            }
          : null,
      ),
  },
  {
    code: 'external_id_wrong',
    severity: 'error',
    finds: 'another external ID than the one of the connection',
    reason: 'Causeway passes the external ID of the connection, and the role refuses it',
    kinds,
    check: ({ context, ...document }) => {
      const { externalId } = context;
      if (typeof externalId !== 'string') return [];
      return onTrust({ ...document, context }, (each, placed) => {
        const { operator, condition } = placed;
        if (!/^StringEquals(IgnoreCase)?$/.test(operator)) return null;
        if (condition.values.includes(externalId)) return null;
        const { values } = condition;
        const path = ['Condition', condition.operator, condition.key];
        return {
          message: `${quoted(values)} is demanded, and the connection has "${externalId}"`,
          fix: `Write "${externalId}"`,
          patch: [
            { op: 'replace', path: jsonPointer([...each.raw.steps, ...path]), value: externalId },
          ],
        };
      });
    },
  },
];

function missing(document: LintDocument): Hit[] {
  const { externalId } = document.context;
  if (externalId === null || isDeniedWithout(document)) return [];
  return trustsOf(document)
    .filter((each) => !each.conditions.some(isAboutId))
    .map((each) => ({
      at: each.principal ?? each.at,
      statement: each,
      message: `${quoted(outsiders(document, each))} may assume the role without an external ID`,
      fix: `Add the condition StringEquals "sts:ExternalId"${externalId === undefined ? '' : ` "${externalId}"`}`,
      patch:
        externalId === undefined
          ? null
          : addValue(each.raw, ['Condition', 'StringEquals', 'sts:ExternalId'], externalId),
    }));
}

/** A Deny for every other ID demands it for all statements. A negated operator also holds without one. */
function isDeniedWithout({ statements }: LintDocument): boolean {
  return statements.some(
    ({ statement, conditions }) =>
      statement.effect === 'Deny' &&
      conditions.length === 1 &&
      conditions.some((placed) => isAboutId(placed) && placed.operator === 'StringNotEquals'),
  );
}

function isAboutId({ key }: PlacedCondition): boolean {
  return key === 'sts:externalid';
}

function onTrust(
  document: LintDocument,
  look: (
    each: LintStatement,
    placed: PlacedCondition,
  ) => Pick<Hit, 'message' | 'fix' | 'patch'> | null,
): Hit[] {
  return trustsOf(document).flatMap((each) =>
    each.conditions.filter(isAboutId).flatMap((placed): Hit[] => {
      const found = look(each, placed);
      return found ? [{ at: placed.at, statement: each, ...found }] : [];
    }),
  );
}

/** Moves the values under the operator that demands them; null where they are not the ones to demand. */
function toStringEquals(each: LintStatement, { condition }: PlacedCondition): JsonPatch | null {
  const isMovable = /^(ForAllValues:)?StringEquals(IfExists)?$/.test(condition.operator);
  const block = each.raw.json['Condition'];
  if (!isMovable || typeof block !== 'object' || block === null) return null;
  if ('StringEquals' in block) return null;
  const { [condition.operator]: moved, ...others } = block as Record<string, object>;
  const kept = Object.entries(moved ?? {}).filter(([key]) => key !== condition.key);
  const value = {
    ...others,
    ...(kept.length > 0 ? { [condition.operator]: Object.fromEntries(kept) } : {}),
    StringEquals: {
      [condition.key]: condition.values.length === 1 ? condition.values[0] : condition.values,
    },
  };
  return [{ op: 'replace', path: jsonPointer([...each.raw.steps, 'Condition']), value }];
}
