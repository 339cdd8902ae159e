import { actionInfo, actionsLike } from '../actions/action-info.ts';
import { nearestAction } from '../actions/nearest-action.ts';
import { jsonPointer } from '../explain/json-patch.ts';
import { addStatement, addValue, removeValues } from '../generate/statement-json.ts';
import {
  allowsOf,
  covers,
  type LintDocument,
  type LintStatement,
  quoted,
} from './lint-document.ts';
import type { Hit, LintRule } from './lint-rule.ts';

const grants = ['identity', 'resource', 'session'] as const;

/** Which actions a statement names, and which belong together. */
export const actionRules: readonly LintRule[] = [
  {
    code: 'unknown_action',
    severity: 'error',
    finds: 'an action that AWS does not have',
    reason:
      'IAM stores it without a word and it never matches; S3 refuses a bucket policy that has one',
    check: (document) =>
      document.statements.flatMap((each) =>
        each.actions.flatMap((action, index): Hit[] => {
          if (actionsLike(action.value)?.length !== 0) return [];
          const meant = nearestAction(action.value);
          const element = each.statement.action.not ? 'NotAction' : 'Action';
          const list = Array.isArray(each.raw.json[element]) ? [index] : [];
          const path = jsonPointer([...each.raw.steps, element, ...list]);
          return [
            {
              at: action.at,
              statement: each,
              message: `"${action.value}" is no action of AWS`,
              fix: meant ? `Write "${meant}"` : 'Look its name up in the reference of the service',
              patch: meant === null ? null : [{ op: 'replace', path, value: meant }],
            },
          ];
        }),
      ),
  },
  {
    code: 'all_actions',
    severity: 'warning',
    finds: 'an Allow of every action of a service',
    reason:
      'It includes deleting, and changing the policies that limit it, and whatever AWS adds later',
    kinds: grants,
    check: (document) =>
      allowsOf(document).flatMap((each) =>
        each.actions
          .filter(({ value }) => !each.statement.action.not && /^(\*|[\w-]+:\*)$/.test(value))
          .map(({ at, value }): Hit => {
            const message = `"${value}" allows everything`;
            return { at, statement: each, message, fix: `Name the actions: ${neededBy(document)}` };
          }),
      ),
  },
  {
    code: 'allow_not_action',
    severity: 'error',
    finds: '"Allow" with "NotAction"',
    reason: 'It allows every other action of every service, those of tomorrow too',
    kinds: ['identity', 'resource', 'session', 'trust', 'key'],
    check: (document) =>
      allowsOf(document)
        .filter(({ statement }) => statement.action.not)
        .map(
          (each): Hit => ({
            at: each.actions[0]?.at ?? each.at,
            statement: each,
            message: `everything but ${quoted(each.statement.action.patterns)} is allowed`,
            fix: 'Name what is allowed in "Action", and put what is not into a Deny',
          }),
        ),
  },
  {
    code: 'abort_missing',
    severity: 'warning',
    finds: 's3:PutObject without s3:AbortMultipartUpload',
    reason:
      'An upload that is given up cannot be cleaned away: its parts stay, unseen and paid for by the owner of the bucket',
    kinds: [...grants, 'boundary'],
    check: abortMissing,
  },
  {
    code: 'acl_not_needed',
    severity: 'advice',
    finds: 's3:PutObjectAcl',
    reason:
      'Causeway sets no access control lists, and in a bucket with ownership enforced nobody can; where they work, this action can make objects public',
    kinds: grants,
    check: aclNotNeeded,
  },
  {
    code: 'kms_missing',
    severity: 'warning',
    finds: 'objects encrypted with a KMS key, and no use of the key allowed',
    reason:
      'S3 asks KMS with the rights of the caller: to write, and to complete a multipart upload, it needs kms:GenerateDataKey and kms:Decrypt, and to read kms:Decrypt',
    kinds: ['identity', 'session', 'boundary'],
    check: kmsMissing,
  },
];

function neededBy({ context }: LintDocument): string {
  const write = 's3:PutObject and s3:AbortMultipartUpload';
  if (context.capability === 'ingest') return 's3:GetObject and s3:ListBucket';
  return context.capability === 'deliver'
    ? `${write}, s3:GetObject and s3:ListBucket`
    : `${write} to write, s3:GetObject and s3:ListBucket to read`;
}

/** Whether some Allow covers an action on one of the resources that a statement has. */
function isAllowed(document: LintDocument, action: string, like: LintStatement): boolean {
  const wanted = new Set(like.resources.map(({ value }) => value));
  return allowsOf(document).some(
    (each) =>
      covers(each, action) &&
      (each.statement.resource?.not ||
        each.resources.some(({ value }) => value === '*' || wanted.has(value) || wanted.has('*'))),
  );
}

function abortMissing(document: LintDocument): Hit[] {
  return allowsOf(document)
    .filter((each) => !each.statement.action.not && covers(each, 's3:PutObject'))
    .filter((each) => !isForReceipts(each))
    .filter((each) => !isAllowed(document, 's3:AbortMultipartUpload', each))
    .map((each) => ({
      at: placeOf(each, 's3:PutObject'),
      statement: each,
      message: 's3:PutObject is allowed, and s3:AbortMultipartUpload is not',
      fix: 'Add "s3:AbortMultipartUpload" to the Action',
      patch: addValue(each.raw, ['Action'], 's3:AbortMultipartUpload'),
    }));
}

/** A receipt is a small object, which nothing writes in parts. */
function isForReceipts({ statement, resources }: LintStatement): boolean {
  const onlyThere = resources.every(({ value }) => value.endsWith('/_causeway/receipts/*'));
  return onlyThere && resources.length > 0 && !statement.resource?.not;
}

function placeOf(each: LintStatement, action: string) {
  const placed = each.actions.find(({ value }) =>
    (actionsLike(value) ?? []).some(({ name }) => name === action),
  );
  return placed?.at ?? each.at;
}

function aclNotNeeded(document: LintDocument): Hit[] {
  // Who demands the header must allow to send it.
  const keys = document.statements.flatMap((each) => each.conditions.map(({ key }) => key));
  if (keys.includes('s3:x-amz-acl')) return [];
  const isAcl = (value: string) => /^s3:PutObject(Version)?Acl$/i.test(value);
  return allowsOf(document).flatMap((each) =>
    each.actions
      .filter(({ value }) => !each.statement.action.not && isAcl(value))
      .map(({ at, value }) => ({
        at,
        statement: each,
        message: `"${actionInfo(value)?.name ?? value}" is not needed`,
        fix: 'Take it out',
        patch: removeValues(each.raw, ['Action'], isAcl),
      })),
  );
}

const encryption = 's3:x-amz-server-side-encryption';

function kmsMissing(document: LintDocument): Hit[] {
  const key = document.context.kmsKeyArn ?? writtenKey(document);
  if (key === null) return [];
  const about = (action: string) => allowsOf(document).filter((each) => covers(each, action));
  const writing = about('s3:PutObject');
  const reading = about('s3:GetObject');
  const needed = [
    ...(writing.length > 0 ? ['kms:GenerateDataKey'] : []),
    ...(writing.length + reading.length > 0 ? ['kms:Decrypt'] : []),
  ];
  const missing = needed.filter((action) => about(action).length === 0);
  const [first] = [...writing, ...reading];
  if (!first || missing.length === 0) return [];
  const isArn = key.startsWith('arn:');
  const statement = { Effect: 'Allow', Action: missing, Resource: key };
  return [
    {
      at: first.at,
      statement: first,
      message: `the objects are encrypted with ${isArn ? `"${key}"` : 'a KMS key'}, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not allowed`,
      fix: `Add a statement that allows ${missing.join(' and ')} on ${isArn ? `"${key}"` : 'the ARN of the key'}`,
      patch: isArn ? addStatement(jsonOf(document), statement) : null,
    },
  ];
}

/** The key that the conditions name, or just that there is one. */
function writtenKey({ statements }: LintDocument): string | null {
  const conditions = statements.flatMap((each) => each.conditions);
  const named = conditions.find(({ key }) => key === `${encryption}-aws-kms-key-id`);
  const [arn] = named?.condition.values ?? [];
  if (arn !== undefined) return /[*?$]/.test(arn) ? 'a key' : arn;
  const isKms = conditions.some(
    ({ key, condition }) =>
      key === encryption && condition.values.some((value) => value.startsWith('aws:kms')),
  );
  return isKms ? 'a key' : null;
}

/** As much of the document as adding a statement needs to know. */
function jsonOf({ root, statements }: LintDocument): unknown {
  const list = statements.map(({ raw }) => raw.json);
  const isList = statements[0]?.raw.steps.length === 2;
  return root.kind === 'object' ? { Statement: isList ? list : list[0] } : null;
}
