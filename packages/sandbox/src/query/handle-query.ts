import type { Decision } from '@causeway/policy';
import { AuthFailure, authenticate } from '../access/authenticate.ts';
import type { Demand } from '../access/authorize.ts';
import type { Caller } from '../access/caller.ts';
import { denialMessage } from '../access/denial-message.ts';
import { mustBeAllowed } from '../access/must-be-allowed.ts';
import { ErrorIn200, type FaultGate, faultGate } from '../faults/fault-gate.ts';
import { AwsError } from '../http/aws-error.ts';
import { readBody, readWhole } from '../http/read-body.ts';
import type { Reply } from '../http/reply.ts';
import type { Claim } from '../sigv4/claim.ts';
import { sha256 } from '../sigv4/signature.ts';
import type { Call, World } from '../world.ts';
import { Parameters } from './parameters.ts';
import { queryAuthError } from './query-auth-error.ts';
import { errorDocument, resultDocument } from './query-document.ts';
import type { QueryOperation, QueryRequest, QueryService } from './query-operation.ts';

const maxBodyBytes = 1024 * 1024;

/**
 * Answers a request to STS or IAM.
 *
 * @throws DroppedReply, ClientGone, or a bug.
 */
export async function handleQuery(call: Call, service: QueryService, world: World): Promise<Reply> {
  try {
    const body = await readForm(call);
    const parameters = new Parameters(
      new URLSearchParams([...call.incoming.query, ...new URLSearchParams(body)]),
    );
    const name = parameters.get('Action') ?? '';
    call.record.operation = name || null;
    const gate = faultGate(call, { operation: name, bucket: null, key: null }, world);
    return gate.leave(await runOrRefuse(call, service, world, parameters, body, gate));
  } catch (error) {
    return refusal(error, call, service);
  }
}

async function runOrRefuse(
  call: Call,
  service: QueryService,
  world: World,
  parameters: Parameters,
  body: string,
  gate: FaultGate,
): Promise<Reply> {
  try {
    const byToken = operationOf(service, parameters)?.identify;
    const { caller, claim } = byToken
      ? { caller: await byToken({ call, world, parameters }), claim: null }
      : identify(call, world, body);
    call.record.principal = caller.arn;
    const operation = findOperation(service, parameters);
    refuseTemporary(service, operation.name, caller);
    const accountId = caller.accountId ?? '';
    const request: QueryRequest = { call, world, caller, accountId, parameters };
    for (const demand of operation.demands(request)) {
      mustBeAllowed(request, demand, claim, (decision, explained) =>
        denied(operation, caller, demand, decision, explained),
      );
    }
    await gate.pass();
    return await gate.execute(() => success(call, service, operation.name, operation.run(request)));
  } catch (error) {
    return refusal(error, call, service);
  }
}

async function readForm({ incoming }: Call): Promise<string> {
  const tooLarge = new AwsError(413, 'RequestEntityTooLarge', 'Request size exceeds 1 MiB');
  const bytes = await readWhole(readBody(incoming, { kind: 'unsigned' }), maxBodyBytes, tooLarge);
  return bytes.toString();
}

function identify(
  call: Call,
  world: World,
  body: string,
): { readonly caller: Caller; readonly claim: Claim | null } {
  try {
    const found = authenticate(call.incoming, () => sha256(body), world);
    if (found.claim === null) {
      throw new AwsError(
        403,
        'MissingAuthenticationToken',
        'Request is missing Authentication Token',
      );
    }
    return found;
  } catch (error) {
    throw error instanceof AuthFailure ? queryAuthError(error.detail) : error;
  }
}

function operationOf(service: QueryService, parameters: Parameters): QueryOperation | undefined {
  const name = parameters.get('Action') ?? '';
  return Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
}

function findOperation(service: QueryService, parameters: Parameters): QueryOperation {
  const operation = operationOf(service, parameters);
  if (operation) return operation;
  const name = parameters.get('Action');
  if (name === null) throw new AwsError(400, 'MissingAction', 'The request has no "Action"');
  const version = parameters.get('Version') ?? '';
  throw new AwsError(
    400,
    'InvalidAction',
    `Could not find operation ${name} for version ${version}`,
  );
}

/**
 * Temporary credentials of users are none for IAM, and for a few calls of STS only.
 * Those that STS refuses in words of its own are let through here.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
function refuseTemporary(service: QueryService, operation: string, caller: Caller): void {
  if (caller.kind === 'session' || caller.tokenIssuedAt === null) return;
  const calls = ['GetCallerIdentity', 'GetSessionToken', 'GetFederationToken'];
  if (caller.kind !== 'federated_user') calls.push('AssumeRole');
  if (service.name === 'sts' && calls.includes(operation)) return;
  throw new AwsError(
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid',
  );
}

function denied(
  { refusal: ownRefusal }: QueryOperation,
  caller: Caller,
  demand: Demand,
  decision: Decision,
  explained: boolean,
): AwsError {
  if (ownRefusal) return ownRefusal(demand, decision);
  const message = denialMessage(caller, demand, decision, demand.resource, explained);
  return new AwsError(403, 'AccessDenied', message);
}

function success(
  call: Call,
  service: QueryService,
  name: string,
  result: readonly string[] | null,
): Reply {
  const body = resultDocument(call, service.namespace, name, result);
  return { status: 200, headers: headers(call), body };
}

function refusal(error: unknown, call: Call, service: QueryService): Reply {
  if (error instanceof ErrorIn200) {
    const inside = new AwsError(200, 'InternalFailure', 'We encountered an internal error.');
    return refusal(inside, call, service);
  }
  if (!(error instanceof AwsError)) throw error;
  call.record.code = error.code;
  const body = errorDocument(call, service.namespace, error, error.code);
  return { status: error.status, headers: { ...headers(call), ...error.headers }, body };
}

function headers(call: Call): Record<string, string> {
  return { 'content-type': 'text/xml', 'x-amzn-requestid': call.id };
}
