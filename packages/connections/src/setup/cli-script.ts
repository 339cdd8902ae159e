import { existingRoleStep, findGuideValue, guideValue, type SetupGuide } from '@causeway/contract';
import { shellQuote, stepCommands } from './cli-script-steps.ts';
import { revokeCommands } from './revoke-commands.ts';

/**
 * The setup as a script for bash and the `aws` command. It may be run again: what is
 * there is corrected, what is missing made. Policies and rules of the bucket that are
 * not Causeway's are kept, for which it needs `jq`.
 */
export function cliScript(guide: SetupGuide): string {
  const steps = guide.steps.filter(({ side }) => side === 'customer');
  return [
    ...header(guide),
    'set -euo pipefail',
    "export AWS_PAGER=''",
    '',
    ...helpers,
    '',
    ...preparations(guide),
    ...steps.flatMap((step) => ['', ...stepCommands(guide, step)]),
    '',
    ...conclusion(guide),
    '',
  ].join('\n');
}

function header(guide: SetupGuide): string[] {
  const used = (operation: string) => guide.steps.some((step) => step.operation === operation);
  const settings: [used: boolean, text: string][] = [
    [
      used('PutBucketPolicy'),
      'WITH_BUCKET_POLICY=yes      also names the access in the bucket policy',
    ],
    [
      used('PutBucketLifecycleConfiguration'),
      'WITH_LIFECYCLE=yes          also clears away uploads that nobody finished',
    ],
    [
      (used('CreateRole') && !existingRoleStep(guide)) || used('CreateUser'),
      'PERMISSIONS_BOUNDARY=<arn>  of the role or user, where your organization demands one',
    ],
    [
      guide.owner === 'operator',
      'TO_USER, TO_GROUP, TO_ROLE  who is to use the bucket: give the name of one',
    ],
  ];
  const offered = settings.flatMap(([yes, text]) => (yes ? [`#   ${text}`] : []));
  return [
    '#!/usr/bin/env bash',
    `# Sets up ${guide.location} for Causeway (connection ${guide.connectionId}).`,
    ...(guide.accountId === null
      ? []
      : [
          `# Run it as an administrator of AWS account ${customerAccount(guide)}, for example in AWS CloudShell.`,
        ]),
    '# It may be run again. Policies and rules that are not of Causeway are kept.',
    ...(offered.length > 0 ? ['#', '# Environment variables:', ...offered] : []),
    '#',
    '# To revoke:',
    ...revokeCommands(guide).map((line) => `#   ${line}`),
  ];
}

/** Bash that every script begins with. AWS's errors are known by their code in parentheses. */
const helpers = [
  'work=$(mktemp -d)',
  `trap 'rm -rf "$work"' EXIT`,
  '',
  `say() { printf '%s\\n' "$*"; }`,
  `fail() { printf 'Stopped: %s\\n' "$*" >&2; exit 1; }`,
  '',
  '# unless CODE COMMAND...: false if the command fails with this code. Its output is in ANSWER.',
  'unless() {',
  '  local code=$1',
  '  shift',
  '  if ANSWER=$("$@" 2>"$work/error"); then return 0; fi',
  '  if grep -qF "($code)" "$work/error"; then return 1; fi',
  '  fail "$(cat "$work/error")"',
  '}',
  '',
  '# Repeats a command while AWS does not know a role or user yet that was just made.',
  'patiently() {',
  '  local attempt',
  '  for attempt in 1 2 3 4 5 6; do',
  '    if "$@" >/dev/null 2>"$work/error"; then return 0; fi',
  '    grep -qi "invalid principal" "$work/error" || break',
  '    sleep "$attempt"',
  '  done',
  '  fail "$(cat "$work/error")"',
  '}',
  '',
  '# merge LIST NAME OLD OURS: OLD with our items in the place of those of the same name, or at the end.',
  'merge() {',
  '  if ! command -v jq >/dev/null; then',
  `    say "There is a document that must be kept. Install jq and run this again, or add by hand:" >&2`,
  '    say "$4" >&2',
  '    fail "cannot merge without jq"',
  '  fi',
  `  jq -cn --arg list "$1" --arg name "$2" --argjson old "$3" --argjson ours "$4" '`,
  '    ($old[$list] | if . == null then [] elif type == "array" then . else [.] end) as $kept',
  '    | ($kept | map(.[$name])) as $names',
  '    | $old + {($list): (',
  '        ($kept | map(. as $item | [$ours[$list][] | select(.[$name] == $item[$name])] | .[0] // $item))',
  '        + ($ours[$list] | map(select(.[$name] as $n | any($names[]; . == $n) | not))))}',
  `  '`,
  '}',
  '',
  '# same OLD NEW: whether two documents say the same.',
  'same() { [ "$(jq -cS . <<<"$1")" = "$(jq -cS . <<<"$2")" ]; }',
];

function preparations(guide: SetupGuide): string[] {
  const endpoint = findGuideValue(guide, 'endpoint');
  if (endpoint !== undefined) {
    return [`aws() { command aws --endpoint-url ${shellQuote(endpoint)} "$@"; }`];
  }
  return [
    `account=${shellQuote(customerAccount(guide))}`,
    'found=$(aws sts get-caller-identity --query Account --output text)',
    `[ "$found" = "$account" ] || fail "these are credentials of account $found, and the setup is for $account"`,
  ];
}

function customerAccount(guide: SetupGuide): string {
  return guideValue(guide, guide.owner === 'operator' ? 'customerAccountId' : 'accountId');
}

function conclusion(guide: SetupGuide): string[] {
  const userName = findGuideValue(guide, 'userName');
  if (userName !== undefined && guide.accountId !== null) {
    const command = `aws iam create-access-key --user-name ${userName} --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text`;
    return [
      "say 'Done. Now make an access key and enter both parts in Causeway; AWS shows the secret this once:'",
      `say ${shellQuote(`  ${command}`)}`,
    ];
  }
  return ["say 'Done. Causeway can check the connection now.'"];
}
