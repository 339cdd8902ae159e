import { splitArn } from '../evaluate/arn.ts';
import { addValue } from '../generate/statement-json.ts';
import {
  allowsOf,
  covers,
  type LintDocument,
  type LintStatement,
  quoted,
} from './lint-document.ts';
import type { Hit, LintRule } from './lint-rule.ts';

const toResources = ['resource', 'trust', 'key'] as const;

/** To whom a resource opens. */
export const principalRules: readonly LintRule[] = [
  {
    code: 'principal_anyone',
    severity: 'error',
    finds: 'an Allow for everyone, without a condition on who it is',
    reason:
      'Everyone is every AWS customer and, in a bucket policy, the whole internet; Block Public Access refuses such a policy',
    kinds: toResources,
    check: (document) => wildcards(document, (each) => !saysWho(each) && !isKeyOfAccount(each)),
  },
  {
    code: 'principal_wildcard',
    severity: 'advice',
    finds: 'an Allow for everyone that only a condition narrows',
    reason:
      'One slip in the condition opens it to all, and S3 may call the policy public: only some condition keys count for that',
    kinds: toResources,
    check: (document) => wildcards(document, saysWho),
  },
  {
    code: 'not_principal',
    severity: 'warning',
    finds: '"NotPrincipal"',
    reason:
      'It denies a session unless its role and the session itself are listed, and always whoever has a permissions boundary; AWS advises against it',
    check: (document) =>
      document.statements.flatMap((each) =>
        each.statement.principal?.not ? [notPrincipal(each)] : [],
      ),
  },
  {
    code: 'not_principal_without_root',
    severity: 'error',
    finds: '"NotPrincipal" that lists a user or role without its account',
    reason: 'The account is a principal too: denied, it takes its users and roles along',
    check: withoutAccount,
  },
  {
    code: 'principal_arn_of_session',
    severity: 'error',
    finds: 'aws:PrincipalArn compared with the ARN of a session',
    reason:
      'For a session of a role the key holds the ARN of the role, so the comparison is never true',
    check: (document) =>
      document.statements.flatMap((each) =>
        each.conditions
          .filter(
            ({ key, condition }) =>
              key === 'aws:principalarn' && condition.values.some(isSessionArn),
          )
          .map(({ at, condition }) => ({
            at,
            statement: each,
            message: `${condition.key} is compared with ${quoted(condition.values.filter(isSessionArn))}`,
            fix: `Write ${quoted(condition.values.filter(isSessionArn).map(roleOf))}`,
          })),
      ),
  },
];

function wildcards(
  document: LintDocument,
  isMeant: (each: LintStatement) => boolean,
): readonly Hit[] {
  return allowsOf(document)
    .filter(({ statement }) => statement.principal?.aws.includes('*') && !statement.principal.not)
    .filter(isMeant)
    .map((each) => ({
      at: each.principal ?? each.at,
      statement: each,
      message: `${each.statement.action.patterns.slice(0, 3).join(', ')} ${each.statement.action.patterns.length > 1 ? 'are' : 'is'} allowed to everyone`,
      fix: 'Name accounts, roles or users in "Principal"',
    }));
}

const identities =
  /^(aws:(principal(arn|account|orgid|orgpaths|tag\/.*)|userid|source(arn|account|owner|orgid|vpce?|ip)|vpcsourceip|federatedprovider)|kms:(calleraccount|viaservice)|saml:.*|.*:(sub|aud|amr)|s3:dataaccesspoint(arn|account))$/;

/** Whether a condition that fails for an absent key says who or from where. */
function saysWho({ conditions }: LintStatement): boolean {
  return conditions.some(
    ({ key, operator, condition }) =>
      identities.test(key) &&
      /^(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/.test(operator) &&
      !/IfExists$|^ForAllValues:/.test(condition.operator) &&
      !condition.values.every((value) => /^\*+$/.test(value)),
  );
}

/** A key policy may let in whoever comes through a service, by kms:ViaService and kms:CallerAccount. */
function isKeyOfAccount(each: LintStatement): boolean {
  return each.conditions.some(({ key }) => key === 'kms:calleraccount');
}

function notPrincipal(each: LintStatement): Hit {
  const names = each.statement.principal?.aws ?? [];
  return {
    at: each.principal ?? each.at,
    statement: each,
    message: `everyone but ${quoted(names)} is denied`,
    fix: 'Write "Principal": "*" with the condition ArnNotEquals on "aws:PrincipalArn"',
  };
}

function withoutAccount(document: LintDocument): Hit[] {
  return document.statements.flatMap((each): Hit[] => {
    const { principal } = each.statement;
    if (!principal?.not || principal.aws.length === 0) return [];
    const named = new Set(
      principal.aws.filter((name) => /^\d{12}$|:root$/.test(name)).map(accountOf),
    );
    const missing = principal.aws.filter((name) => !named.has(accountOf(name)));
    const [first] = missing;
    if (first === undefined) return [];
    const root = `arn:${splitArn(first)?.[1] ?? 'aws'}:iam::${accountOf(first)}:root`;
    return [
      {
        at: each.principal ?? each.at,
        statement: each,
        message: `${quoted(missing)} ${missing.length === 1 ? 'is' : 'are'} listed, and the account is not`,
        fix: `Add "${root}"`,
        patch: addValue(each.raw, ['NotPrincipal', 'AWS'], root),
      },
    ];
  });
}

/** The account that a principal belongs to, or its name where it has none. */
function accountOf(name: string): string {
  return splitArn(name)?.[4] ?? name;
}

function isSessionArn(value: string): boolean {
  return /^arn:[^:]*:sts:[^:]*:[^:]*:assumed-role\//.test(value);
}

function roleOf(session: string): string {
  const [, partition, , , account, rest = ''] = splitArn(session) ?? [];
  return `arn:${partition}:iam::${account}:role/${rest.split('/')[1] ?? ''}`;
}

/** Principals of other accounts than the document's own, as far as it is known. */
export function outsiders({ context }: LintDocument, each: LintStatement): readonly string[] {
  const own = context.accountId;
  return (each.statement.principal?.aws ?? []).filter(
    (name) => own === undefined || accountOf(name) !== own,
  );
}

/** The Allows by which another account's principal assumes the role. */
export function trustsOf(document: LintDocument): LintStatement[] {
  return allowsOf(document).filter(
    (each) => covers(each, 'sts:AssumeRole') && outsiders(document, each).length > 0,
  );
}
