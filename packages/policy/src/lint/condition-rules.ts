import { actionsLike } from '../actions/action-info.ts';
import { matchCondition } from '../evaluate/match-condition.ts';
import { matchesPattern } from '../evaluate/matches-pattern.ts';
import { jsonPointer } from '../explain/json-patch.ts';
import { addValue } from '../generate/statement-json.ts';
import {
  allowsOf,
  covers,
  entryOf,
  type LintDocument,
  type LintStatement,
  type PlacedCondition,
  quoted,
  s3Name,
} from './lint-document.ts';
import type { Hit, LintRule } from './lint-rule.ts';

/** Conditions that hold when they should not, or never; and the version they are read by. */
export const conditionRules: readonly LintRule[] = [
  {
    code: 'for_all_values_allow',
    severity: 'error',
    finds: '"Allow" under "ForAllValues"',
    reason: 'It also holds when the request has no value for the key at all',
    check: (document) =>
      each(document, 'Allow', (statement, placed) => {
        const { operator, key } = placed.condition;
        if (!operator.startsWith('ForAllValues:') || isDemanded(statement, placed.key)) return null;
        return {
          message: `${operator} on ${key} holds without ${key}`,
          fix: `Add the condition "Null": {"${key}": "false"}`,
          patch: addValue(statement.raw, ['Condition', 'Null', key], 'false'),
        };
      }),
  },
  {
    code: 'star_is_literal',
    severity: 'error',
    finds: 'a star in a value that is compared letter by letter',
    reason: 'Only StringLike, StringNotLike and the Arn operators know wildcards',
    check: (document) =>
      each(document, null, (_, { operator, condition }) => {
        const starred = condition.values.filter((value) =>
          /[*?]/.test(value.replace(/\$\{.\}/g, '')),
        );
        const isExact = /^String(Not)?Equals(IgnoreCase)?$/.test(operator);
        if (!isExact || starred.length === 0 || takesStar.test(condition.key)) return null;
        const like = condition.operator.replace(/Equals(IgnoreCase)?/, 'Like');
        return {
          message: `${condition.operator} takes ${quoted(starred)} as it is written`,
          fix: `Write it under "${like}"`,
        };
      }),
  },
  {
    code: 'list_prefix_not_covered',
    severity: 'warning',
    finds: 'lists allowed for other prefixes than the folder that is read or written',
    reason:
      'A list is allowed for the very text that is sent as prefix: "in/" is another one than "in", and Causeway sends the folder with its slash',
    check: listPrefix,
  },
  {
    code: 'condition_key_without_action',
    severity: 'warning',
    finds: 'a condition on a key that an action of the statement never has',
    reason:
      'Where the key is absent the condition does not hold, so the statement allows these actions to nobody',
    check: withoutKey,
  },
  {
    code: 'unknown_condition_key',
    severity: 'error',
    finds: 'a condition key of S3, STS or KMS that does not exist',
    reason: 'No request ever has it',
    check: (document) =>
      each(document, null, (_, { key, condition }) =>
        isServiceKey(key) && !knownKeys().some((known) => matchesPattern(known, key))
          ? {
              message: `"${condition.key}" is no condition key of AWS`,
              fix: 'Look its name up in the reference of the service',
            }
          : null,
      ),
  },
  {
    code: 'variables_without_version',
    severity: 'error',
    finds: 'policy variables in a document without version 2012-10-17',
    reason: 'Without that version a variable is plain text, which matches nothing',
    check: (document) => {
      if (document.policy.version === '2012-10-17') return [];
      return document.statements.flatMap((statement) => {
        const inResource = statement.resources.find(({ value }) => value.includes('${'));
        const inCondition = statement.conditions.find(({ condition }) =>
          condition.values.some((value) => value.includes('${')),
        );
        const at = inResource?.at ?? inCondition?.at;
        if (!at) return [];
        const values = [inResource?.value ?? '', ...(inCondition?.condition.values ?? [])];
        const variable = values.join(' ').match(/\$\{[^}]*\}?/)?.[0] ?? '${';
        return [
          { at, statement, message: `"${variable}" is plain text here`, ...newVersion(document) },
        ];
      });
    },
  },
  {
    code: 'old_version',
    severity: 'advice',
    finds: 'a document without version 2012-10-17',
    reason: 'The version of 2008 is read by older rules: it has no policy variables',
    check: (document) => {
      if (document.policy.version === '2012-10-17') return [];
      const at = entryOf(document.root, 'Version') ?? document.root;
      const found = at === document.root ? 'no version' : 'the version "2008-10-17"';
      return [{ at, message: `the document has ${found}`, ...newVersion(document) }];
    },
  },
];

/** `If-None-Match: *` is the only form that S3 knows. */
const takesStar = /^s3:if-(none-)?match$/i;

function each(
  document: LintDocument,
  effect: 'Allow' | 'Deny' | null,
  look: (
    statement: LintStatement,
    placed: PlacedCondition,
  ) => Pick<Hit, 'message' | 'fix' | 'patch'> | null,
): Hit[] {
  return document.statements
    .filter(({ statement }) => effect === null || statement.effect === effect)
    .flatMap((statement) =>
      statement.conditions.flatMap((placed): Hit[] => {
        const found = look(statement, placed);
        return found ? [{ at: placed.at, statement, ...found }] : [];
      }),
    );
}

/** Whether a condition `Null` on the same key demands that it is there. */
function isDemanded({ conditions }: LintStatement, key: string): boolean {
  return conditions.some(
    (other) =>
      other.key === key &&
      other.operator === 'Null' &&
      other.condition.values.every((value) => value.toLowerCase() === 'false'),
  );
}

function newVersion({ root }: LintDocument): Pick<Hit, 'fix' | 'patch'> {
  const op = entryOf(root, 'Version') ? 'replace' : 'add';
  return {
    fix: 'Write "Version": "2012-10-17"',
    patch: [{ op, path: jsonPointer(['Version']), value: '2012-10-17' }],
  };
}

/** The folders whose objects are allowed, and for which no list is. */
function listPrefix(document: LintDocument): Hit[] {
  const lists = allowsOf(document).filter(
    (statement) =>
      !statement.statement.action.not &&
      covers(statement, 's3:ListBucket') &&
      statement.resources.some(({ value }) => s3Name(value)?.key === null),
  );
  const limited = lists.filter((statement) => statement.conditions.some(isAboutPrefix));
  const [first] = limited;
  const condition = first?.conditions.find(isAboutPrefix);
  if (!first || !condition || limited.length < lists.length) return [];
  return foldersOf(document)
    .filter((folder) => !limited.some((statement) => lets(document, statement, folder)))
    .map((folder) => {
      const { operator, key, values } = condition.condition;
      return {
        at: condition.at,
        statement: first,
        message: `${quoted(values)} does not cover a list of "${folder}"`,
        fix: `Add "${folder}"`,
        patch: addValue(first.raw, ['Condition', operator, key], folder),
      };
    });
}

function isAboutPrefix({ key }: PlacedCondition): boolean {
  return key === 's3:prefix';
}

function lets(document: LintDocument, { conditions }: LintStatement, folder: string): boolean {
  const context = new Map([['s3:prefix', folder]]);
  return conditions
    .filter(isAboutPrefix)
    .every(({ condition }) => matchCondition(condition, document.policy.version, context));
}

/** The folders, with their slash, under which objects are allowed; that of the connection if it is known. */
function foldersOf(document: LintDocument): readonly string[] {
  const { prefix } = document.context;
  if (prefix) return [prefix];
  const keys = allowsOf(document)
    .filter(({ statement }) => !statement.resource?.not)
    .flatMap(({ resources }) => resources.flatMap(({ value }) => s3Name(value)?.key ?? []));
  const folders = keys.flatMap((key) => /^([^*?$]+\/)\*$/.exec(key)?.[1] ?? []);
  return [...new Set(folders)];
}

function withoutKey(document: LintDocument): Hit[] {
  return each(document, 'Allow', (statement, { key, condition, operator }) => {
    const isDemanding =
      !/Not|IfExists$|^ForAllValues:/.test(condition.operator) &&
      !(operator === 'Null' && condition.values.includes('true'));
    const isKnown = knownKeys().some((known) => matchesPattern(known, key));
    if (!isServiceKey(key) || !isDemanding || !isKnown || alwaysThere.includes(key)) return null;
    // A pattern is not to blame if only some of its actions have the key.
    const lacking = statement.actions
      .filter(({ value }) => {
        const infos = statement.statement.action.not ? [] : (actionsLike(value) ?? []);
        return infos.length > 0 && infos.every(({ conditionKeys }) => !hasKey(conditionKeys, key));
      })
      .map(({ value }) => value);
    if (lacking.length === 0) return null;
    const isAll = lacking.length === statement.actions.length;
    return {
      message: `${quoted(lacking)} never ${lacking.length === 1 ? 'has' : 'have'} ${condition.key}`,
      fix: isAll
        ? 'Take the condition out, or name the actions that it is for'
        : `Put ${quoted(lacking)} into a statement without the condition`,
    };
  });
}

function isServiceKey(key: string): boolean {
  return /^(s3|sts|kms):/.test(key);
}

function hasKey(keys: readonly string[], key: string): boolean {
  return keys.some((known) => matchesPattern(known.toLowerCase(), key));
}

/** Read on first use: a program that never lints does not pay for it. */
let keys: readonly string[] | null = null;

function knownKeys(): readonly string[] {
  keys ??= [
    ...new Set([
      ...(actionsLike('*') ?? []).flatMap((info) =>
        info.conditionKeys.map((key) => key.toLowerCase()),
      ),
      ...alwaysThere,
    ]),
  ];
  return keys;
}

/** Documented for every call, and not listed with single actions. */
const alwaysThere: readonly string[] = [
  's3:resourceaccount',
  's3:tlsversion',
  's3:authtype',
  's3:signatureage',
  's3:signatureversion',
  's3:x-amz-content-sha256',
];
