import { type Decision, evaluate, type Policy, type PolicySet } from '@causeway/policy';
import { policiesOf } from '../access/policies-of.ts';
import { principalTags } from '../access/principal-tags.ts';
import { AwsError } from '../http/aws-error.ts';
import { element, text } from '../http/xml.ts';
import type { Parameters } from '../query/parameters.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { RoleRecord, UserRecord } from '../state/records.ts';
import { parseDocument } from './check-document.ts';
import { iamOperation, noSuchEntity, pageOf } from './iam-operation.ts';

const sourceArn = ({ parameters }: QueryRequest) =>
  parameters.text('PolicySourceArn', { min: 20, max: 2048 });

/** What a user or role of the account may do, without doing it. */
export const simulatePrincipalPolicy = iamOperation(
  'SimulatePrincipalPolicy',
  sourceArn,
  (request) => {
    const { world, accountId, parameters } = request;
    const record = findSource(request);
    const own = policiesOf(record, world);
    const passed = readPolicies(parameters, 'PolicyInputList');
    const [boundary] = readPolicies(parameters, 'PermissionsBoundaryPolicyInputList');
    const member = world.organization.membershipOf(accountId);
    const principal = parameters.get('CallerArn') ?? sourceArn(request);
    return simulate(request, principal, principalTags(record.tags), {
      identityPolicies: [...own.identityPolicies, ...passed],
      permissionsBoundary: boundary ?? own.boundary,
      serviceControlPolicies: member?.serviceControlPolicies ?? [],
    });
  },
);

/** What somebody might do who has the policies passed, and no others. */
export const simulateCustomPolicy = iamOperation(
  'SimulateCustomPolicy',
  () => '*',
  (request) => {
    const { accountId, parameters } = request;
    const [boundary] = readPolicies(parameters, 'PermissionsBoundaryPolicyInputList');
    const somebody = `arn:aws:iam::${accountId}:user/simulated`;
    return simulate(
      request,
      parameters.get('CallerArn') ?? somebody,
      {},
      {
        identityPolicies: readPolicies(parameters, 'PolicyInputList'),
        permissionsBoundary: boundary ?? null,
      },
    );
  },
);

type ContextKeys = Readonly<Record<string, string | readonly string[]>>;

function simulate(
  request: QueryRequest,
  principal: string,
  callerKeys: ContextKeys,
  policies: PolicySet,
): string[] {
  const { parameters } = request;
  const resources = parameters.list('ResourceArns');
  const context = { ...callerKeys, ...readContext(parameters) };
  const document = parameters.get('ResourcePolicy');
  const resourcePolicy = document === null ? null : parseDocument(document, 'resource');
  const pairs = parameters
    .list('ActionNames')
    .flatMap((action) =>
      (resources.length > 0 ? resources : ['*']).map((resource) => ({ action, resource })),
    );
  const { items, paging } = pageOf(pairs, parameters);
  const results = items.map(({ action, resource }) => {
    const resourceAccount = ownerOf(resource, request);
    const asked = { principal, action, resource, resourceAccount, context };
    return resultElement(action, resource, evaluate(asked, { ...policies, resourcePolicy }));
  });
  return [element('EvaluationResults', results), ...paging];
}

const decisions = {
  allowed: 'allowed',
  implicit_deny: 'implicitDeny',
  explicit_deny: 'explicitDeny',
} as const;

function resultElement(action: string, resource: string, decision: Decision): string {
  const isDeniedBy = (type: Decision['deniedBy']) => decision.deniedBy === type;
  return element('member', [
    text('EvalActionName', action),
    text('EvalResourceName', resource),
    text('EvalDecision', decisions[decision.decision]),
    element(
      'MatchedStatements',
      decision.statements.map(({ policy }) => element('member', [text('SourcePolicyId', policy)])),
    ),
    ...(isDeniedBy('service control')
      ? [element('OrganizationsDecisionDetail', [text('AllowedByOrganizations', false)])]
      : []),
    ...(isDeniedBy('permissions boundary')
      ? [
          element('PermissionsBoundaryDecisionDetail', [
            text('AllowedByPermissionsBoundary', false),
          ]),
        ]
      : []),
  ]);
}

/** @throws AwsError `InvalidInput` or `NoSuchEntity`. */
function findSource(request: QueryRequest): UserRecord | RoleRecord {
  const { accountId, world } = request;
  const arn = sourceArn(request);
  const [, account, kind, name] =
    /^arn:aws:iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (account === undefined) {
    throw new AwsError(400, 'InvalidInput', `Invalid Entity Arn: ${arn} must be of a user or role`);
  }
  const table = kind === 'user' ? world.state.users : world.state.roles;
  const record = account === accountId ? table.get(`${accountId}/${name}`) : undefined;
  if (record) return record;
  throw noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
}

function readPolicies(parameters: Parameters, name: string): Policy[] {
  return parameters.list(name).map((document) => parseDocument(document, 'identity'));
}

/** The condition keys that a caller supposes. */
function readContext(parameters: Parameters): ContextKeys {
  const keys = parameters.list('ContextEntries', 'ContextKeyName');
  return Object.fromEntries(
    keys.map((key, index) => {
      const place = `ContextEntries.member.${index + 1}`;
      const values = parameters.list(`${place}.ContextKeyValues`);
      const isList = (parameters.get(`${place}.ContextKeyType`) ?? '').endsWith('List');
      return [key, isList ? values : (values[0] ?? '')];
    }),
  );
}

function ownerOf(resource: string, { parameters, accountId }: QueryRequest): string {
  const stated = parameters.get('ResourceOwner') ?? resource;
  return /\d{12}/.exec(stated.split(':')[4] ?? stated)?.[0] ?? accountId;
}
